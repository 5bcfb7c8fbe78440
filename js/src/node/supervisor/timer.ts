/** Starts timers for limits that callers choose: a limit without end, or a very long one, included. */

/** The longest delay a timer takes; it fires at once for a longer one. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs `action` after `ms`; never when that is `Infinity`, which is no limit. */
export function startTimer(ms: number, action: () => void): NodeJS.Timeout | undefined {
  if (ms === Number.POSITIVE_INFINITY) return undefined;
  return setTimeout(action, Math.min(ms, LONGEST_TIMER_MS));
}

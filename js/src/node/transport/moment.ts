/**
 * The time, read once for a stretch of work that is done in one go: the submission of a call, or the
 * messages that one read brought. Reading a clock costs as much as deciding which worker is next; a
 * stretch has no end that another could miss, so nobody outside of one ever sees an old time.
 */

let within = false;
let at = 0;

/** The time in milliseconds, as `performance.now()` has it. */
export function now(): number {
  return within ? at : performance.now();
}

/** Loads the clock, which takes Node most of a millisecond where nobody has read it before. */
export function loadClock(): void {
  performance.now();
}

/** Runs a stretch in which `now()` stands still. It may not wait for anything. */
export function inOneMoment<T>(work: (argument: T) => void, argument: T): void {
  at = performance.now();
  within = true;
  try {
    work(argument);
  } finally {
    // Also where this was inside another: the rest of that reads the clock.
    within = false;
  }
}

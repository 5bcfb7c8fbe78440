/** What is known of a call that ran out of time, and the sentences that say it. */
import type { WorkerStatus } from './worker-status.js';

/** Which of a call's clocks ran out. */
export type CallClock = 'queue' | 'run' | 'total' | 'idle';

/** How long each phase of a call took, in milliseconds. */
export interface CallPhases {
  /** While no worker could be at work on it. */
  readonly queueMs: number;
  /** Since a worker could start on it, and in earlier workers that it lost; 0 when none is known to have. */
  readonly runMs: number;
  /** Since submission. */
  readonly totalMs: number;
}

/** What was going on when a call ran out of time. */
export interface CallTimeout {
  /** Which of its clocks ran out. */
  readonly clock: CallClock;
  /** What that clock was set to. */
  readonly timeoutMs: number;
  readonly phases: CallPhases;
  /** Calls that waited for a worker, this one included if it did. */
  readonly queued: number;
  /** How many of them a worker had already, behind others. */
  readonly sentAhead?: number | undefined;
  readonly workers: readonly WorkerStatus[];
  /** A worker had it already, behind others, and it is not known whether it has begun it by now. */
  readonly maybeBegun?: boolean | undefined;
  /** Where the main thread and the event loop of its worker were, as Python prints it. */
  readonly pythonStack?: string | undefined;
}

/** Says which clock ran out, where the time went, and who was busy. */
export function timeoutMessage(what: string, timeout: CallTimeout): string {
  const { phases, queued, sentAhead = 0, workers, maybeBegun = false, pythonStack } = timeout;
  const known = maybeBegun ? ', as far as is known: one has it, and may have begun it' : '';
  const spent = `It waited ${rounded(phases.queueMs)} ms for a worker and ran ${rounded(phases.runMs)} ms${known}`;
  const inside = sentAhead === 0 ? '' : ` (${sentAhead} inside a worker, behind others)`;
  const around =
    workers.length === 0 ? '' : `; ${calls(queued)} waited${inside}, workers: ${stateOf(workers)}`;
  const stack = framesOfUsers(pythonStack?.trimEnd() ?? '');
  const where = stack === '' ? '' : `\n\nPython was here:\n${stack}`;
  return `${what} ${OVERRUNS[timeout.clock](timeout.timeoutMs, maybeBegun)}. ${spent}${around}.${where}`;
}

/** A frame of ours in what `faulthandler` prints. */
const OWN_FRAME =
  /^ {2}File ".*[\\/]synapse_worker[\\/](?:worker|conversion|peer|protocol|schema|transport)[\\/]/;
const FRAME = /^ {2}File "/;
const HEADING = /\bthread \w+ \(/i;

/** The stack without our frames, and without threads that have no others; all of it, if that is nothing. */
function framesOfUsers(stack: string): string {
  const kept: string[] = [];
  for (const line of stack.split('\n')) {
    if (OWN_FRAME.test(line)) continue;
    // A heading right after another: the thread before it had no frames left.
    if (HEADING.test(line)) dropHeading(kept);
    kept.push(line);
  }
  dropHeading(kept);
  return kept.some((line) => FRAME.test(line)) ? kept.join('\n').trimEnd() : stack;
}

function dropHeading(lines: string[]): void {
  while (lines.length > 0 && !FRAME.test(lines.at(-1) as string)) lines.pop();
}

const OVERRUNS: Readonly<Record<CallClock, (ms: number, maybeBegun: boolean) => string>> = {
  queue: (ms, maybeBegun) =>
    `was not ${maybeBegun ? 'known to be ' : ''}begun by a worker within ${ms} ms (queueTimeoutMs)`,
  run: (ms) => `did not finish within ${ms} ms and is being stopped (timeoutMs)`,
  total: (ms) => `did not finish within ${ms} ms of being made (totalTimeoutMs)`,
  idle: (ms) => `gave no sign of life for ${ms} ms and is being stopped (idleTimeoutMs)`,
};

/** As in `2 busy, 1 starting`. */
function stateOf(workers: readonly WorkerStatus[]): string {
  const counts = new Map<string, number>();
  for (const { state } of workers) counts.set(state, (counts.get(state) ?? 0) + 1);
  return Array.from(counts, ([state, count]) => `${count} ${state}`).join(', ');
}

/** As in `1 call`, `2 calls`. */
export function calls(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`;
}

function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms);
}

/**
 * The four clocks of a call: waiting for a worker, at work, without a sign of life, all in all.
 *
 * One timer stands for all of them, set for the deadline that comes first. A deadline that moves away
 * leaves the timer alone: when it fires too early it is set again. So a sign of life, or an item of a
 * stream, costs no timer.
 */
import type { CallClock } from '../../../core/call-timeout.js';
import { systemTime, type Time, type Timer } from '../time.js';
import type { CallPolicy } from './call-policy.js';

/** How long each clock may run, in milliseconds; 0: for ever. */
export type ClockLimits = Pick<CallPolicy, `${CallClock}Ms`>;

/** What is told when one of them runs out, once. */
export interface ClockOwner {
  clockExpired(clock: CallClock, limitMs: number): void;
}

export function hasLimits({ queueMs, runMs, totalMs, idleMs }: ClockLimits): boolean {
  return runMs > 0 || totalMs > 0 || queueMs > 0 || idleMs > 0;
}

const NEVER = Number.POSITIVE_INFINITY;
const CLOCKS = ['queue', 'run', 'idle', 'total'] as const;

export class Clocks {
  readonly #limits: ClockLimits;
  readonly #owner: ClockOwner;
  readonly #time: Time;
  readonly #deadlines = { queue: NEVER, run: NEVER, idle: NEVER, total: NEVER };
  #timer: Timer | undefined;
  #timerAt = NEVER;
  /** A worker is at work, and somebody waits for it. */
  #working = false;
  /** The worker may wait for its caller. */
  #resting = false;

  constructor(limits: ClockLimits, owner: ClockOwner, time = systemTime) {
    this.#limits = limits;
    this.#owner = owner;
    this.#time = time;
  }

  /** The call was made at `now`. */
  submitted(now: number): void {
    this.#deadlines.total = deadline(now, this.#limits.totalMs);
    this.queued(now);
  }

  /** It waits for a worker, from `now` on. */
  queued(now: number): void {
    this.paused();
    this.#deadlines.queue = deadline(now, this.#limits.queueMs);
    this.#arm(now);
  }

  /** A worker is at work on it, or on an item of it, from `now` on. */
  started(now: number): void {
    this.#deadlines.queue = NEVER;
    this.#deadlines.run = deadline(now, this.#limits.runMs);
    this.#deadlines.idle = this.#resting ? NEVER : deadline(now, this.#limits.idleMs);
    this.#working = true;
    this.#arm(now);
  }

  /** It does not wait for a worker any more, or that is being found out. */
  leftQueue(): void {
    this.#deadlines.queue = NEVER;
    this.#arm(this.#time.now());
  }

  /** Nobody waits for what the worker does: only the total goes on. */
  paused(): void {
    const deadlines = this.#deadlines;
    deadlines.queue = deadlines.run = deadlines.idle = NEVER;
    this.#working = false;
  }

  /** There was a sign of life. */
  stirred(): void {
    if (this.#deadlines.idle !== NEVER) {
      this.#deadlines.idle = this.#time.now() + this.#limits.idleMs;
    }
  }

  /** Code of the caller's runs for it: a silence of the worker's says nothing. */
  rest(): void {
    this.#resting = true;
    this.#deadlines.idle = NEVER;
  }

  /** That code has ended, which is a sign of life. */
  goOn(): void {
    this.#resting = false;
    if (!this.#working || this.#limits.idleMs <= 0) return;
    const now = this.#time.now();
    this.#deadlines.idle = now + this.#limits.idleMs;
    this.#arm(now);
  }

  /** The call is settled. */
  stop(): void {
    this.#working = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = NEVER;
  }

  #arm(now: number): void {
    const { queue, run, idle, total } = this.#deadlines;
    const first = Math.min(queue, run, idle, total);
    if (first >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = first;
    this.#timer = this.#time.after(first - now, this.#fired);
  }

  readonly #fired = (): void => {
    this.#timer = undefined;
    this.#timerAt = NEVER;
    const now = this.#time.now();
    for (const clock of CLOCKS) {
      if (this.#deadlines[clock] > now) continue;
      this.#owner.clockExpired(clock, this.#limits[`${clock}Ms`]);
      return;
    }
    this.#arm(now);
  };
}

function deadline(now: number, limitMs: number): number {
  return limitMs > 0 ? now + limitMs : NEVER;
}

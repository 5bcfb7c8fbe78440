/**
 * Takes calls back from a worker that has not begun them: it is told which, and those that it has not
 * begun a moment later are certainly ours again. What it comes to in between it drops, and says so.
 */

import type { CallLedger } from '../connection/call-ledger.js';
import { systemTime, type Time, type Timer } from '../time.js';

/**
 * After how long what the worker has written is seen here: it writes down what it begins before it looks
 * what was recalled. A processor's writes are seen within some hundred nanoseconds, but not at once.
 */
const VISIBLE_AFTER_MS = 1;
/** Timers come up to a millisecond early. */
const WAIT_MS = VISIBLE_AFTER_MS + 1;

/** A call that a worker has. */
export interface Recallable {
  readonly id: number;
}

export interface RecallOptions<T> {
  readonly ledger: () => CallLedger | undefined;
  /** Whether the worker has this one yet. */
  readonly isThere: (task: T) => boolean;
  /** These certainly never began there, and never will. */
  readonly onTaken: (tasks: T[]) => void;
  /** This one is left where it is: it has begun, or the worker says that it will not begin it. */
  readonly onLeft?: (task: T) => void;
  readonly time?: Time;
}

export class Recall<T extends Recallable> {
  readonly #options: RecallOptions<T>;
  readonly #time: Time;
  /** What is on its way back, by the ids that the worker knows; given back and sent again, a call has another. */
  #recalled: { readonly task: T; readonly id: number; readonly at: number }[] = [];
  #timer: Timer | undefined;

  constructor(options: RecallOptions<T>) {
    this.#options = options;
    this.#time = options.time ?? systemTime;
  }

  /** Whether this one is on its way back. */
  has(task: T): boolean {
    return this.#recalled.some((recalled) => recalled.task === task && recalled.id === task.id);
  }

  /** Takes back those of these calls that the worker has not begun. */
  begin(tasks: Iterable<T>): void {
    const ledger = this.#options.ledger();
    const lastBegun = ledger?.lastBegun;
    if (ledger === undefined || lastBegun === undefined) return;
    const wanted: T[] = [];
    for (const task of tasks) {
      if (ledger.reaches(task.id, lastBegun) && !ledger.isRecalled(task.id)) wanted.push(task);
    }
    if (wanted.length === 0 || !ledger.recall(wanted.map(({ id }) => id))) return;
    const at = this.#time.now();
    for (const task of wanted) this.#recalled.push({ task, id: task.id, at });
    if (this.#timer === undefined) this.#wait();
  }

  /** The worker has ended: what it has not begun is known without it. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#recalled = [];
  }

  #wait(): void {
    this.#timer = this.#time.after(WAIT_MS, this.#look);
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const { ledger, isThere, onTaken, onLeft } = this.#options;
    const visible = this.#time.now() - VISIBLE_AFTER_MS;
    // Where it cannot be read any more nothing is taken.
    const lastBegun = ledger()?.lastBegun ?? Number.POSITIVE_INFINITY;
    const taken: T[] = [];
    const left: T[] = [];
    const recalled = this.#recalled;
    this.#recalled = recalled.filter(({ at }) => at > visible);
    for (const { task, id, at } of recalled) {
      if (at > visible || task.id !== id || !isThere(task)) continue;
      (id > lastBegun ? taken : left).push(task);
    }
    if (this.#recalled.length > 0) this.#wait();
    for (const task of left) onLeft?.(task);
    if (taken.length > 0) onTaken(taken);
  };
}

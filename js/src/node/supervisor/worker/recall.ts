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
  readonly time?: Time;
}

export class Recall<T extends Recallable> {
  readonly #options: RecallOptions<T>;
  readonly #time: Time;
  /** What is on its way back, by the ids that the worker knows; given back and sent again, a call has another. */
  #recalled: { readonly task: T; readonly id: number }[] = [];
  #recalledAt = 0;
  #timer: Timer | undefined;

  constructor(options: RecallOptions<T>) {
    this.#options = options;
    this.#time = options.time ?? systemTime;
  }

  /** Takes back those of these calls that the worker has not begun. What is on its way back comes first. */
  begin(tasks: Iterable<T>): void {
    const ledger = this.#options.ledger();
    const lastBegun = ledger?.lastBegun;
    if (ledger === undefined || lastBegun === undefined || this.#timer !== undefined) return;
    this.#recalled = [];
    for (const task of tasks) {
      const { id } = task;
      if (ledger.reaches(id, lastBegun) && !ledger.isRecalled(id))
        this.#recalled.push({ task, id });
    }
    if (this.#recalled.length === 0) return;
    if (!ledger.recall(this.#recalled.map(({ id }) => id))) return;
    this.#recalledAt = this.#time.now();
    this.#wait();
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
    if (this.#time.now() - this.#recalledAt < VISIBLE_AFTER_MS) {
      this.#wait();
      return;
    }
    this.#timer = undefined;
    const { ledger, isThere, onTaken } = this.#options;
    const lastBegun = ledger()?.lastBegun;
    const recalled = this.#recalled;
    this.#recalled = [];
    if (lastBegun === undefined) return;
    const taken = recalled.filter(
      ({ task, id }) => id > lastBegun && task.id === id && isThere(task),
    );
    if (taken.length > 0) onTaken(taken.map(({ task }) => task));
  };
}

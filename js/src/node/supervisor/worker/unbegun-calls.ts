/**
 * The way back of calls that a worker has not begun: it says so itself, because it was told to end, or
 * they are taken back while it makes no headway. What comes back together is given back together, in its order.
 */

import type { Task, TaskOwner } from '../call/task.js';
import type { CallLedger } from '../connection/call-ledger.js';
import type { Connection } from '../connection/connection.js';
import { isMovable } from './in-flight.js';
import { Recall } from './recall.js';

/** The worker, as far as what it has not begun goes. */
export interface Beginner<C extends Connection> extends TaskOwner<C> {
  /** Where it writes down what it begins, where it does that. */
  readonly ledger: CallLedger | undefined;
  /** The calls that it has. */
  readonly calls: Iterable<Task<C>>;
  /** It has begun this one, though not all before it is answered. */
  begun(task: Task<C>): void;
  /** Frees the place of a call that did not run; with `forget` its answer, should one come, is late. */
  free(task: Task<C>, forget: boolean): void;
  /** It is shutting down and begins no more calls. */
  closing(): void;
  /** These are the pool's again. */
  givenBack(unbegun: Task<C>[]): void;
}

export class UnbegunCalls<C extends Connection> {
  readonly #worker: Beginner<C>;
  readonly #recall: Recall<Task<C>>;
  #returning: Task<C>[] = [];

  constructor(worker: Beginner<C>) {
    this.#worker = worker;
    this.#recall = new Recall<Task<C>>({
      ledger: () => worker.ledger,
      isThere: ({ owner }) => owner === worker,
      onTaken: (unbegun) => {
        // The last one first: none of them becomes the next in its turn.
        for (const task of unbegun.reverse()) this.#takeBack(task, true);
      },
      onLeft: (task) => {
        if (task.isOverdue) worker.begun(task);
      },
    });
  }

  /** Those that are on their way to the pool. */
  [Symbol.iterator](): Iterator<Task<C>> {
    return this.#returning[Symbol.iterator]();
  }

  /** Whether there are calls after this one that could go to another worker. */
  areAfter(lastBegun: number): boolean {
    for (const task of this.#worker.calls) {
      if (task.id > lastBegun && isMovable(task)) return true;
    }
    return false;
  }

  /** Takes back those that another worker could run. */
  recall(): void {
    this.#recall.begin([...this.#worker.calls].filter(isMovable));
  }

  /** Whether the worker is known to have begun this call; then that is noted. */
  check(task: Task<C>): boolean {
    const isBegun = task.id <= (this.#worker.ledger?.lastBegun ?? -1);
    if (isBegun) this.#worker.begun(task);
    return isBegun;
  }

  /** Takes back this one, whoever could run it, or notes that it is begun; false where it cannot be known. */
  withdraw(task: Task<C>): boolean {
    this.#recall.begin([task]);
    return this.#recall.has(task) || this.check(task);
  }

  /** The worker says of a call that it has not begun it; false where what it wrote down says otherwise. */
  refused(task: Task<C>): boolean {
    const { ledger } = this.#worker;
    if (ledger?.isRecalled(task.id) !== true) {
      // Its own code has raised what sounds like it.
      if (task.id <= (ledger?.lastBegun ?? 0)) return false;
      this.#worker.closing();
    }
    this.#takeBack(task, false);
    return true;
  }

  /** The worker has ended. */
  stop(): void {
    this.#recall.stop();
  }

  #takeBack(task: Task<C>, forget: boolean): void {
    this.#worker.free(task, forget);
    task.takenBack(false);
    if (this.#returning.push(task) === 1) queueMicrotask(this.#giveBack);
  }

  readonly #giveBack = (): void => {
    const tasks = this.#returning.filter((task) => !task.settled);
    this.#returning = [];
    this.#worker.givenBack(tasks.sort((a, b) => a.sequence - b.sequence));
  };
}

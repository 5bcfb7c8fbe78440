/**
 * Calls that a worker has said it did not begin: it was told to end, or they were taken back. What comes
 * back together is given back together, in its order.
 */

import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';

export class Refusals<C extends Connection> {
  readonly #onGivenBack: (unbegun: Task<C>[]) => void;
  #tasks: Task<C>[] = [];

  constructor(onGivenBack: (unbegun: Task<C>[]) => void) {
    this.#onGivenBack = onGivenBack;
  }

  add(task: Task<C>): void {
    if (this.#tasks.push(task) === 1) queueMicrotask(this.#giveBack);
  }

  [Symbol.iterator](): Iterator<Task<C>> {
    return this.#tasks[Symbol.iterator]();
  }

  readonly #giveBack = (): void => {
    const tasks = this.#tasks.filter((task) => !task.settled);
    tasks.sort((a, b) => a.sequence - b.sequence);
    this.#tasks = [];
    this.#onGivenBack(tasks);
  };
}

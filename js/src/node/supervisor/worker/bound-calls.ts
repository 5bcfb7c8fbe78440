/** The calls that only one worker can run and that wait for room in it. */

import type { CallLimits } from '../call/call-limits.js';
import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import { CallQueue, type Taker } from '../queue/call-queue.js';

/** The worker they are bound to. */
export interface Home<C extends Connection> {
  /** Whether it would take this task now. */
  hasRoom(task: Task<C>): boolean;
  /** Sends a task. @throws what its values throw when they cannot be sent */
  assign(task: Task<C>): void;
}

export class BoundCalls<C extends Connection> implements Taker<C> {
  readonly #home: Home<C>;
  readonly #queue: CallQueue<C>;

  constructor(home: Home<C>, limits: CallLimits) {
    this.#home = home;
    this.#queue = new CallQueue(limits);
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Learns from the worker's connection which method is of which kind. */
  learn(connection: C): void {
    this.#queue.learn(connection);
  }

  push(task: Task<C>): void {
    this.#queue.push(task);
    this.serve();
  }

  /** Sends what there is room for. */
  serve(): void {
    this.#queue.serve(this);
  }

  take(task: Task<C>): boolean {
    if (!this.#home.hasRoom(task)) return false;
    task.list?.delete(task);
    try {
      this.#home.assign(task);
    } catch (error) {
      task.fail(error);
    }
    return true;
  }

  /** Their worker takes no more calls. */
  evict(): void {
    for (const task of this.#queue.takeAll()) task.loseHome();
  }

  takeAll(): Task<C>[] {
    return this.#queue.takeAll();
  }
}

/** The calls that only one worker can run and that wait for room in it. */
import { CallQueue } from './call-queue.js';
import type { Connection } from './connection.js';
import type { Task } from './task.js';

/** The worker they are bound to. */
export interface Home<C extends Connection> {
  /** Whether it would take this task now. */
  hasRoom(task: Task<C>): boolean;
  /** Sends a task. @throws what its values throw when they cannot be sent */
  assign(task: Task<C>): void;
}

export class BoundCalls<C extends Connection> {
  readonly #home: Home<C>;
  readonly #queue = new CallQueue<C>();

  constructor(home: Home<C>) {
    this.#home = home;
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
    for (const line of this.#queue.lines) {
      for (let task = line.first; task !== null && this.#home.hasRoom(task); task = line.first) {
        line.delete(task);
        try {
          this.#home.assign(task);
        } catch (error) {
          task.fail(error);
        }
      }
    }
  }

  /** Their worker takes no more calls. */
  evict(): void {
    for (const task of this.#queue.takeAll()) task.loseHome();
  }

  takeAll(): Task<C>[] {
    return this.#queue.takeAll();
  }
}

/**
 * Tasks that wait for room, in two lines: those that need a worker's main thread, and those that do
 * not. A worker may have room for the one kind and not for the other, so neither waits for the other.
 */
import type { Connection } from './connection.js';
import type { Task } from './task.js';
import { TaskList } from './task-list.js';

export class CallQueue<C extends Connection> {
  readonly #serial = new TaskList<Task<C>>();
  readonly #concurrent = new TaskList<Task<C>>();
  /** Both lines; each is first in, first out. */
  readonly lines: readonly TaskList<Task<C>>[] = [this.#serial, this.#concurrent];
  #connection: C | undefined;

  get size(): number {
    return this.#serial.size + this.#concurrent.size;
  }

  has(task: Task<C>): boolean {
    return task.list === this.#serial || task.list === this.#concurrent;
  }

  push(task: Task<C>): void {
    this.#lineOf(task).push(task);
  }

  unshift(task: Task<C>): void {
    this.#lineOf(task).unshift(task);
  }

  takeAll(): Task<C>[] {
    return [...this.#serial.takeAll(), ...this.#concurrent.takeAll()];
  }

  /** Learns from a worker's connection which method is of which kind; before, all are in one line. */
  learn(connection: C): void {
    this.#connection = connection;
    for (const task of this.takeAll()) this.push(task);
  }

  #lineOf(task: Task<C>): TaskList<Task<C>> {
    const serial = this.#connection === undefined || task.isSerial(this.#connection);
    return serial ? this.#serial : this.#concurrent;
  }
}

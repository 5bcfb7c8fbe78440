/**
 * Calls that were given up and have not answered yet: each has its grace to stop, and a worker in
 * which one is still there after that is of no more use.
 */

import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import type { Time } from '../time.js';

export interface StopLadderOptions<C extends Connection> {
  readonly graceMs: number;
  readonly time: Time;
  /** Whether the worker can stop one call; otherwise it has no grace to give. */
  readonly cancellable: boolean;
  /** Whether the main thread, by way of which calls are stopped, is at work for a caller. */
  readonly isBlocked: () => boolean;
  /** A call did not stop within its grace. */
  readonly onOverdue: () => void;
  /** A call could not stop for as long as the grace, because of what has the main thread. */
  readonly onHeldUp: (task: Task<C>) => void;
}

export class StopLadder<C extends Connection> {
  readonly #options: StopLadderOptions<C>;
  /** All of them. */
  readonly #stopping = new Set<Task<C>>();
  /** Those whose grace runs. */
  readonly #graces = new Set<Task<C>>();
  /** Those that cannot stop yet, because a call that is in its right has the main thread. */
  readonly #blocked = new Set<Task<C>>();
  /** Those whose grace is over. */
  readonly #overdue = new Set<Task<C>>();

  constructor(options: StopLadderOptions<C>) {
    this.#options = options;
  }

  get size(): number {
    return this.#stopping.size;
  }

  get hasOverdue(): boolean {
    return this.#overdue.size > 0;
  }

  /** Whether it is this call that did not stop. */
  isOverdue(task: Task<C> | null): boolean {
    return task !== null && this.#overdue.has(task);
  }

  add(task: Task<C>): void {
    this.#stopping.add(task);
  }

  delete(task: Task<C>): void {
    // Of each call that is answered; nearly all of them were not given up.
    if (!this.#stopping.delete(task)) return;
    this.#graces.delete(task);
    this.#blocked.delete(task);
    this.#overdue.delete(task);
  }

  /** A call that was told to stop and is still there after the grace costs the worker. */
  startGrace(task: Task<C>): void {
    const { graceMs, time, cancellable, isBlocked } = this.#options;
    this.#stopping.add(task);
    if (isBlocked()) {
      this.letGoLater(task);
      this.#block(task);
      return;
    }
    this.#blocked.delete(task);
    this.#graces.add(task);
    // Nobody can stop a raw script but by ending it, and nothing else runs in it.
    if (cancellable) time.after(graceMs, () => this.#insist(task));
    else this.#insist(task);
  }

  /** The main thread is free for those that waited for it. */
  unblock(): void {
    for (const blocked of [...this.#blocked]) this.startGrace(blocked);
  }

  /** Who leaves a stream that cannot stop yet waits for no more than the grace. */
  letGoLater(task: Task<C>): void {
    const { graceMs, time } = this.#options;
    time.after(graceMs, () => {
      if (!this.#graces.has(task)) task.letGo();
    });
  }

  #block(task: Task<C>): void {
    this.#blocked.add(task);
    const { graceMs, time } = this.#options;
    time.after(graceMs, () => {
      if (this.#blocked.has(task)) this.#options.onHeldUp(task);
    });
  }

  #insist(task: Task<C>): void {
    if (!this.#graces.delete(task)) return;
    if (this.#options.isBlocked()) {
      // A call that was sent ahead has the main thread by now: another grace when that has ended.
      task.letGo();
      this.#block(task);
      return;
    }
    this.#overdue.add(task);
    this.#options.onOverdue();
  }
}

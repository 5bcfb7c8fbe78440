/**
 * Calls that callbacks of a worker's own calls make while its main thread waits for them: each goes
 * on top of the call that waits. Of those of one call that have callbacks themselves one runs at a
 * time, or they would wait inside one another; the others are held back until it has ended.
 */
import { CallCancelledError } from '../../../core/errors.js';
import { SynapseError } from '../../../core/protocol/errors.js';
import type { Task } from '../call/task.js';
import { TaskList } from '../call/task-list.js';
import type { Connection } from '../connection/connection.js';

/** The worker, as far as nesting goes. */
export interface NestingWorker<C extends Connection> {
  /** Whether it runs calls that callbacks of its own calls make. */
  readonly takesNested: boolean;
  /** Sends a task. @throws what its values throw when they cannot be sent */
  assign(task: Task<C>): void;
}

export class NestedCalls<C extends Connection> {
  readonly #worker: NestingWorker<C>;
  readonly #onReleased: (held: Task<C>[]) => void;

  /** @param onReleased told of those that were held back and can run anywhere now */
  constructor(worker: NestingWorker<C>, onReleased: (held: Task<C>[]) => void) {
    this.#worker = worker;
    this.#onReleased = onReleased;
  }

  /**
   * Sends a task that was made in a callback, at once.
   *
   * @param outer the call of this worker whose callback it was; none, if of another's
   */
  add(task: Task<C>, outer: Task<C> | undefined): void {
    if (outer !== undefined && outer.inner !== null) {
      outer.held ??= new TaskList();
      outer.held.push(task);
      return;
    }
    try {
      this.#worker.assign(task);
    } catch (error) {
      task.fail(error);
      return;
    }
    if (outer === undefined || !task.waits) return;
    task.outer = outer;
    outer.inner = task;
  }

  /** A call has ended: those that were held back because of it follow. */
  ended(task: Task<C>): void {
    if (task.outer !== null) this.#innerEnded(task, task.outer);
    if (task.held !== null) this.#onReleased(task.held.takeAll());
  }

  #innerEnded(inner: Task<C>, outer: Task<C>): void {
    inner.outer = null;
    outer.inner = null;
    const { held } = outer;
    if (held === null) return;
    if (outer.settled || !this.#worker.takesNested) {
      this.#onReleased(held.takeAll());
      return;
    }
    while (outer.inner === null && held.first !== null) {
      const { first } = held;
      held.delete(first);
      this.add(first, outer);
    }
  }
}

/**
 * Gives up what runs on top of a call that was given up itself and cannot stop before.
 *
 * @param nested the innermost last
 */
export function giveUpNested<C extends Connection>(outer: Task<C>, nested: Task<C>[]): void {
  const message = `It was made in a callback, and its worker is needed: ${outer.title} was given up.`;
  // The innermost first: it has the main thread, by way of which the others are stopped.
  for (const task of nested.reverse()) {
    if (task.settled) continue;
    task.giveUp(new CallCancelledError(task.title, new SynapseError('CALL_CANCELLED', message)));
  }
}

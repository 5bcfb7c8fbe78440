/**
 * The calls that a worker was sent and has not ended: which of them it can be at work on, and which
 * wait there until its main thread comes to them.
 */

import { now } from '../../transport/moment.js';
import type { Task } from '../call/task.js';
import { TaskList } from '../call/task-list.js';
import type { Connection } from '../connection/connection.js';
import { MainThread } from './main-thread.js';
import type { WorkEstimates } from './work-estimate.js';

/** Async calls and streams that one worker runs at a time. */
const MAX_CONCURRENT = 256;
/** How long there must have been no call of a kind that a next one would hold up. */
const UNDISTURBED_MS = 1000;

export class InFlight<C extends Connection> {
  readonly main: MainThread<C>;
  readonly #concurrent = new TaskList<Task<C>>();
  readonly #onStarted: (task: Task<C>, at: number) => void;
  #sequence = 0;
  /** When the last call came that no other worker could take from behind a next one, or that runs beside those. */
  #disturbedAt = Number.NEGATIVE_INFINITY;
  /** How many of the concurrent ones wait for the main thread, which reads them. */
  #unstarted = 0;

  /** @param onStarted told of each task that the worker can be at work on, and since when */
  constructor(estimates: WorkEstimates, onStarted: (task: Task<C>, at: number) => void) {
    this.main = new MainThread(estimates);
    this.#onStarted = onStarted;
  }

  get size(): number {
    return this.main.size + this.#concurrent.size;
  }

  /** When the oldest of those that run began, as `performance.now()` has it. */
  get oldestAt(): number | undefined {
    let oldest: number | undefined;
    for (const { running, startedAt } of this) {
      if (running && (oldest === undefined || startedAt < oldest)) oldest = startedAt;
    }
    return oldest;
  }

  /** Whether a call that nobody has given up is being run. */
  get isWanted(): boolean {
    for (const task of this) if (task.running && !task.settled) return true;
    return false;
  }

  /** Whether a call of no callback's should be sent now. */
  hasRoom(task: Task<C>, serial: boolean): boolean {
    if (serial) return this.main.hasRoom(task);
    return this.#concurrent.size < MAX_CONCURRENT && !this.main.isStalled;
  }

  /** Whether a call for which no worker has room should be sent now, to run next. */
  hasNext(task: Task<C>, serial: boolean): boolean {
    if (!isMovable(task) || !serial || this.#concurrent.size > 0) return false;
    return now() - this.#disturbedAt >= UNDISTURBED_MS && this.main.hasNext(task);
  }

  /** Whether it runs beside the main thread's calls. */
  isConcurrent(task: Task<C>): boolean {
    return task.list === this.#concurrent;
  }

  /** Notes that a task was sent. */
  push(task: Task<C>, serial: boolean): void {
    task.sequence = ++this.#sequence;
    if (!serial || !isMovable(task)) this.#disturbedAt = task.dispatchedAt;
    if (serial) {
      if (this.main.push(task)) this.#onStarted(task, task.dispatchedAt);
      return;
    }
    this.#concurrent.push(task);
    if (this.main.listens) this.#onStarted(task, task.dispatchedAt);
    else this.#unstarted += 1;
  }

  /** Notes that the worker has begun a task, though not all before it is answered. */
  begun(task: Task<C>, at: number): void {
    if (task.running) return;
    if (this.isConcurrent(task)) this.#unstarted -= 1;
    this.#onStarted(task, at);
  }

  /**
   * Notes that a task has ended; true when the main thread has come to the end of a call.
   *
   * @param answered whether it has run, so that there is something to learn from how long it took
   */
  delete(task: Task<C>, answered: boolean): boolean {
    if (this.main.has(task)) {
      if (answered) this.main.observe(task);
      this.main.delete(task);
      this.#advance();
      return true;
    }
    if (!task.running) this.#unstarted -= 1;
    this.#concurrent.delete(task);
    return false;
  }

  /** A call waits for a function of its own: meanwhile the worker reads what has arrived. */
  waits(task: Task<C>): void {
    if (this.#unstarted > 0 && task === this.main.head) {
      this.#startConcurrent(null, performance.now());
    }
  }

  /** Takes all of them out. */
  takeAll(): Task<C>[] {
    this.#unstarted = 0;
    return [...this.main.takeAll(), ...this.#concurrent.takeAll()];
  }

  *[Symbol.iterator](): Generator<Task<C>> {
    yield* this.main;
    yield* this.#concurrent;
  }

  #advance(): void {
    const at = this.main.steppedAt;
    this.main.advance(this.#onStarted, at);
    if (this.#unstarted > 0) this.#startConcurrent(this.main.listens ? null : this.main.head, at);
  }

  #startConcurrent(head: Task<C> | null, at: number): void {
    for (const waiting of this.#concurrent) {
      if (!waiting.running && (head === null || waiting.sequence < head.sequence)) {
        this.#unstarted -= 1;
        this.#onStarted(waiting, at);
      }
    }
  }
}

/** Whether another worker could run it: it is bound to none, and no main thread waits for it. */
export function isMovable<C extends Connection>({ home, within }: Task<C>): boolean {
  return home === undefined && within === undefined;
}

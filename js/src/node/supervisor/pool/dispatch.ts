/**
 * Where calls wait, and which worker gets them. A call waits here, as values, until a worker has
 * room, so it can still move, be given up, or be refused.
 */
import { type CircuitOpenError, QueueFullError } from '../../../core/errors.js';
import type { PoolObserver } from '../../observe/observer.js';
import type { CallLimits } from '../call/call-limits.js';
import type { CallbackContext } from '../call/callback-context.js';
import { failUnanswered } from '../call/retries.js';
import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import { CallQueue, type Taker } from '../queue/call-queue.js';
import { EncodingLine } from '../queue/encoding-line.js';
import type { Worker } from '../worker/worker.js';
import { findNest } from './nesting.js';
import type { Workforce } from './workforce.js';

export interface DispatchOptions<C extends Connection> {
  readonly workforce: Workforce<C>;
  readonly limits: CallLimits;
  readonly maxQueue: number;
  readonly observer: PoolObserver | undefined;
  /** Whether another worker would be started for calls that wait. */
  readonly mayGrow: () => boolean;
  /** Told when a worker was given a call; absent where that one worker is all there is. */
  readonly onSent?: (() => void) | undefined;
  /** Told when calls wait and no worker has room; says why they need not wait, where that is so. */
  readonly onNoRoom: () => CircuitOpenError | undefined;
}

export class Dispatch<C extends Connection> implements Taker<C> {
  readonly #options: DispatchOptions<C>;
  readonly #workforce: Workforce<C>;
  readonly #queue: CallQueue<C>;
  readonly #encoding: EncodingLine<C>;
  /** Whether calls have waited for room, and nobody was told yet that none does any more. */
  #hasWaited = false;

  constructor(options: DispatchOptions<C>) {
    this.#options = options;
    this.#workforce = options.workforce;
    this.#queue = new CallQueue(options.limits);
    this.#encoding = new EncodingLine({ onEncoded: (task) => this.#encoded(task) });
  }

  /** How many calls wait, for a worker or for others to be encoded. */
  get size(): number {
    return this.#queue.size + Math.max(0, this.#encoding.size - 1);
  }

  /** How many of them could go if there was room: those that no limit holds up, and soon those to be encoded. */
  get ready(): number {
    return this.#queue.ready + this.#encoding.size;
  }

  /** Has a task go to a worker, at once or when there is room. */
  add(task: Task<C>): void {
    if (task.preparation?.isDone === false) this.#encode(task);
    else this.#assign(task);
  }

  #assign(task: Task<C>): void {
    if (task.within !== undefined && this.#nest(task, task.within)) return;
    if (task.home !== undefined) {
      this.#addHome(task, task.home);
      return;
    }
    if (this.#queue.size === 0 && !this.#options.limits.areSet) {
      // Nothing is before it and nothing holds it up: with room for it there is nothing to queue.
      const worker = this.#workforce.bestFor(task);
      if (worker !== undefined) {
        this.#give(worker, task);
        if (this.#hasWaited) this.checkDrained();
        return;
      }
    }
    this.#queue.push(task);
    this.run();
    if (!this.#queue.has(task)) return;
    this.#hasWaited = true;
    this.#limit(task, this.#queue.size);
  }

  /** Takes tasks back, in order, from a worker that did not end them: they go first. */
  giveBack(unended: readonly Task<C>[]): void {
    for (const task of [...unended].reverse()) {
      // Given up by what was told of those that came back with it.
      if (task.settled) continue;
      if (task.home === undefined) this.#queue.unshift(task);
      else task.loseHome();
    }
  }

  /** Takes tasks that a worker had held back for another of its calls. */
  release(held: readonly Task<C>[]): void {
    for (const task of held) {
      if (task.home === undefined) this.#queue.push(task);
      else this.#addHome(task, task.home);
    }
    this.run();
  }

  /** Learns from a worker's connection which method is of which kind, and what limits it. */
  learn(connection: C): void {
    this.#options.limits.learn(connection.methods);
    this.#queue.learn(connection);
  }

  /** Gives workers what they have room for. */
  run(): void {
    this.#queue.serve(this);
    if (this.#hasWaited) this.checkDrained();
  }

  /** Gives a task to the worker that has room for it and the least to do; or, where there will be no other, to run next. */
  take(task: Task<C>): boolean {
    let worker = this.#workforce.bestFor(task);
    if (worker === undefined) {
      const refusal = this.#options.onNoRoom();
      if (refusal !== undefined) this.failAll(refusal);
      else worker = this.#soonestFor(task);
    }
    if (worker === undefined) return false;
    task.list?.delete(task);
    this.#give(worker, task);
    return true;
  }

  /** No worker has room: the one that is through first, where each has one to run next and none is or may be on its way. */
  #soonestFor(task: Task<C>): Worker<C> | undefined {
    const { limits, maxQueue, mayGrow } = this.#options;
    // At a worker it would hold a place that others could have.
    if (limits.areSet || mayGrow()) return undefined;
    const { inFlight, liveCount, startingCount } = this.#workforce;
    const waiting = this.#queue.size + inFlight - liveCount;
    // With fewer that wait than there are workers one would be idle while another has two.
    if (startingCount > 0 || waiting < liveCount || waiting > maxQueue) return undefined;
    return this.#workforce.soonestFor(task);
  }

  #give(worker: Worker<C>, task: Task<C>): void {
    try {
      worker.assign(task);
    } catch (error) {
      task.fail(error);
    }
    this.#options.onSent?.();
  }

  failAll(error: unknown): void {
    const waiting = [...this.#encoding.takeAll(), ...this.#queue.takeAll()];
    for (const task of waiting) failUnanswered(task, error);
  }

  /** A call was settled, maybe one that waited: tells once when none waits any more. */
  checkDrained(): void {
    if (!this.#hasWaited || this.size > 0) return;
    this.#hasWaited = false;
    this.#options.observer?.onDrain();
  }

  /** Has its arguments encoded first, while a worker is started for it where there is none. */
  #encode(task: Task<C>): void {
    const { liveCount } = this.#workforce;
    this.#hasWaited ||= this.#encoding.size > 0;
    this.#encoding.add(task);
    // Each worker may have room for one, when that is encoded.
    if (task.within === undefined) this.#limit(task, this.size - liveCount);
    const refusal = liveCount === 0 ? this.#options.onNoRoom() : undefined;
    if (refusal !== undefined) this.failAll(refusal);
  }

  #encoded(task: Task<C>): void {
    this.#assign(task);
    this.checkDrained();
  }

  /** Refuses a task that waits where more wait than may. */
  #limit(task: Task<C>, waiting: number): void {
    const { maxQueue } = this.#options;
    // What was encoded was accepted before.
    if (task.preparation?.isDone === true) return;
    // A worker that starts will take one: that one has not to wait for room.
    if (waiting <= maxQueue || waiting <= maxQueue + this.#workforce.startingCount) return;
    task.fail(new QueueFullError(maxQueue, waiting - 1));
  }

  /** Gives a task to the one worker that can run it. */
  #addHome(task: Task<C>, home: object): void {
    const worker = this.#workforce.of(home);
    if (worker === undefined) {
      task.loseHome();
      return;
    }
    worker.claim(task);
    this.#limit(task, worker.waiting);
  }

  /** Sends a call that a callback makes past all that waits for room. False where it need not. */
  #nest(task: Task<C>, within: CallbackContext): boolean {
    const nest = findNest(this.#workforce, task, within);
    if (nest === undefined) return false;
    const { worker, outer } = nest;
    worker.nest(task, outer);
    const held = outer?.held ?? null;
    if (held !== null && task.list === held) this.#limit(task, held.size);
    return true;
  }
}

/**
 * Workers of one module behind one queue: takes calls, hands them out, and closes.
 *
 * A call waits here, as values, until a worker has room, so it can still move, be given up, or be
 * refused. How many workers there are, and when one is started, is the staffing's business.
 */

import type { CircuitState } from '../../core/client/events.js';
import type { ZygoteStatus } from '../../core/client/stats.js';
import { ClosedError, QueueFullError } from '../../core/errors.js';
import type { WorkerStatus } from '../../core/worker-status.js';
import type { PoolObserver } from '../observe/observer.js';
import { CallQueue } from './call-queue.js';
import type { CallbackContext } from './callback-context.js';
import type { Connection } from './connection.js';
import { Keepalive } from './keepalive.js';
import { findNest } from './nesting.js';
import { openSource } from './open-source.js';
import type { PoolPolicy } from './pool-policy.js';
import { ProcessSources } from './process-sources.js';
import { Reload } from './reload.js';
import type { LostCall } from './settlement.js';
import type { SpawnSpec } from './spawn-spec.js';
import { type Employer, Staffing } from './staffing.js';
import type { Task } from './task.js';
import type { TaskHost } from './task-host.js';
import { startTimer } from './timer.js';
import { WorkEstimates } from './work-estimate.js';
import type { Worker } from './worker.js';
import type { WorkerOptions } from './worker-options.js';
import { Workforce } from './workforce.js';

export interface PoolOptions<C extends Connection> {
  readonly worker: Omit<WorkerOptions<C>, 'estimates' | 'source'> & { readonly spawn: SpawnSpec };
  readonly policy: PoolPolicy;
  readonly maxQueue: number;
  /** Replace a worker that ended even while nothing waits for it. */
  readonly eager: boolean;
  readonly observer?: PoolObserver | undefined;
}

export class Pool<C extends Connection> implements TaskHost, Employer<C> {
  /** Told of each worker that took the place of another, once it takes calls. */
  onReplaced: ((home: object) => void) | undefined;
  /** Told of what happens. */
  observer: PoolObserver | undefined;
  readonly keepalive = new Keepalive();
  readonly #options: PoolOptions<C>;
  readonly #queue = new CallQueue<C>();
  readonly #sources: ProcessSources;
  readonly #workforce: Workforce<C>;
  readonly #staffing: Staffing<C>;
  readonly #reload: Reload<Worker<C>>;
  /** Calls whose caller has no answer yet. */
  #pending = 0;
  /** Whether calls have waited for room, and nobody was told yet that none does any more. */
  #hasWaited = false;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: PoolOptions<C>) {
    const { worker, policy, eager } = options;
    this.#options = options;
    this.observer = options.observer;
    const sources = new ProcessSources(worker.spawn, (spec) => openSource(spec, worker));
    this.#sources = sources;
    const workforce = new Workforce(
      { ...worker, estimates: new WorkEstimates() },
      {
        onRoom: () => this.#dispatch(),
        onRetired: () => this.#staffing.replaceSoon(),
        onRefused: (unbegun) => this.#takeBack(unbegun),
        onReleased: (held) => this.#takeHeld(held),
        onExited: (gone, unbegun, lost) => this.#exited(gone, unbegun, lost),
      },
    );
    this.#workforce = workforce;
    this.#staffing = new Staffing(this, {
      ...{ workforce, sources, policy, eager },
      name: worker.name,
    });
    this.#reload = new Reload({
      size: () => this.#staffing.target,
      isOpen: () => this.isOpen,
      live: () => workforce.live,
      start: () => this.#staffing.startFresh(),
    });
  }

  /** Starts all workers. @throws {ModuleStartError} and nothing is left running */
  async start(): Promise<void> {
    try {
      await this.keepalive.during(this.#staffing.start());
    } catch (error) {
      await this.terminate();
      throw error;
    }
  }

  get workers(): readonly WorkerStatus[] {
    return this.#workforce.statuses;
  }

  /** The warm process that workers are forked from. */
  get zygote(): ZygoteStatus {
    return this.#sources.current.zygote;
  }

  get circuit(): CircuitState {
    return this.#staffing.circuit;
  }

  /** Whether calls wait for room. */
  get needsDrain(): boolean {
    return this.#queue.size > 0;
  }

  get queued(): number {
    return this.#queue.size;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Takes a task: it will be settled exactly once, whatever happens. */
  submit(task: Task<C>): void {
    if (this.#state !== 'open') {
      task.fail(new ClosedError(`${task.title} came too late: the client is closed.`));
      return;
    }
    this.#pending += 1;
    if (!task.accept(this)) return;
    if (task.within !== undefined && this.#nest(task, task.within)) return;
    if (task.home !== undefined) {
      this.#submitHome(task, task.home);
      return;
    }
    this.#queue.push(task);
    this.#dispatch();
    if (!this.#queue.has(task)) return;
    this.#hasWaited = true;
    this.#limit(task, this.#queue.size);
  }

  /**
   * Replaces the workers by new ones, each once it has started; the old finish the calls they have.
   * Nothing is held up or lost meanwhile. On a closed client there is nothing to do.
   *
   * @param spawn how workers are started from then on; by default as before
   * @throws {ModuleStartError} a new one could not start; the old ones go on
   */
  async reload(spawn?: SpawnSpec): Promise<void> {
    if (!this.isOpen) return;
    const source = this.#sources.renew(spawn);
    try {
      await this.#reload.request();
    } catch (error) {
      this.#sources.abandon(source);
      this.startFailed(error);
      throw error;
    }
  }

  /** Finishes what was submitted, then ends the workers; after `limitMs` it no longer waits. */
  close(limitMs: number): Promise<void> {
    this.#closing ??= this.keepalive.during(this.#close(limitMs)).finally(() => this.#closed());
    return this.#closing;
  }

  /** Fails what is pending and ends the workers within `graceMs`: end of file, SIGTERM, SIGKILL. */
  terminate(graceMs = this.#options.worker.graceMs): Promise<void> {
    if (this.#state === 'closed') return this.#closing ?? Promise.resolve();
    const ended = this.keepalive.during(this.#end(graceMs / 2, graceMs / 2));
    this.#closing ??= ended.finally(() => this.#closed());
    return Promise.all([ended, this.#closing]).then(() => undefined);
  }

  taskSettled(): void {
    this.#pending -= 1;
    if (this.#hasWaited) this.#checkDrained();
    if (this.#pending === 0) this.#onIdle?.();
  }

  started(worker: Worker<C>): void {
    this.#queue.learn(worker.connection);
    this.#dispatch();
  }

  joined(worker: Worker<C>): void {
    this.onReplaced?.(worker);
  }

  /** Calls wait for the workers that are left; without any they have nothing to wait for. */
  startFailed(error: unknown): void {
    if (this.#workforce.liveCount > 0) return;
    this.#failQueued(error);
  }

  async #close(limitMs: number): Promise<void> {
    this.#state = 'closing';
    if (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        const timer = startTimer(limitMs, resolve);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { graceMs } = this.#options.worker;
    // Teardown hooks run after the worker was asked; they have what is left of the limit.
    await this.#end(Math.max(limitMs, graceMs), graceMs);
  }

  async #end(askedMs: number, termMs: number): Promise<void> {
    this.#state = 'closing';
    this.#staffing.stop();
    this.#sources.close();
    const ended = [...this.#workforce].map((worker) => {
      const gone = worker.stop(askedMs, termMs);
      return gone.then(() => worker.exited);
    });
    const closed = new ClosedError('The client was closed before this call had finished.');
    this.#failQueued(closed);
    for (const worker of this.#workforce) worker.failAll(closed);
    await Promise.all(ended);
  }

  #closed(): void {
    this.#state = 'closed';
    this.keepalive.dispose();
  }

  /** Refuses a task that waits where more wait than may. */
  #limit(task: Task<C>, waiting: number): void {
    const { maxQueue } = this.#options;
    if (waiting > maxQueue) task.fail(new QueueFullError(maxQueue, waiting - 1));
  }

  /** Gives a task to the one worker that can run it. */
  #submitHome(task: Task<C>, home: object): void {
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

  #dispatch(): void {
    for (const line of this.#queue.lines) {
      for (let task = line.first; task !== null; task = line.first) {
        const worker = this.#workforce.bestFor(task);
        if (worker === undefined) {
          this.#noRoom();
          break;
        }
        line.delete(task);
        try {
          worker.assign(task);
        } catch (error) {
          task.fail(error);
        }
      }
    }
    if (this.#hasWaited) this.#checkDrained();
  }

  /** Tells once that nothing waits any more. */
  #checkDrained(): void {
    if (this.#queue.size > 0) return;
    this.#hasWaited = false;
    this.observer?.onDrain();
  }

  #noRoom(): void {
    this.#staffing.callsWait();
    const { refusal } = this.#staffing;
    if (refusal !== undefined) this.#failQueued(refusal);
  }

  #failQueued(error: unknown): void {
    for (const task of this.#queue.takeAll()) task.fail(error);
  }

  #exited(worker: Worker<C>, unbegun: Task<C>[], lost: LostCall<C>[]): void {
    this.#workforce.delete(worker);
    for (const { task, error } of lost) task.fail(error);
    this.#requeue(unbegun);
    this.#staffing.ended(worker, this.#reload.excuses(worker));
    // What follows from a failed start is decided where its error arrives.
    if (!worker.wasReady) return;
    if (this.#queue.size > 0) this.#dispatch();
    else this.#staffing.replaceSoon();
  }

  #requeue(unbegun: readonly Task<C>[]): void {
    for (const task of [...unbegun].reverse()) {
      if (task.home === undefined) this.#queue.unshift(task);
      else task.loseHome();
    }
  }

  #takeBack(unbegun: readonly Task<C>[]): void {
    this.#requeue(unbegun);
    this.#dispatch();
  }

  #takeHeld(held: readonly Task<C>[]): void {
    for (const task of held) {
      if (task.home === undefined) this.#queue.push(task);
      else this.#submitHome(task, task.home);
    }
    this.#dispatch();
  }
}

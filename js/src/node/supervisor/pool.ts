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
import { CallLimits } from './call-limits.js';
import { CallQueue, type Taker } from './call-queue.js';
import type { CallbackContext } from './callback-context.js';
import type { Connection } from './connection.js';
import { Keepalive } from './keepalive.js';
import { findNest } from './nesting.js';
import { openSource } from './open-source.js';
import { PendingCalls } from './pending-calls.js';
import type { PoolPolicy, RecyclePolicy } from './pool-policy.js';
import { ProcessSources } from './process-sources.js';
import { Recycling } from './recycling.js';
import { Reload } from './reload.js';
import { runsAgain } from './retries.js';
import type { LostCall } from './settlement.js';
import type { SpawnSpec } from './spawn-spec.js';
import { type Employer, Staffing } from './staffing.js';
import type { Task } from './task.js';
import type { TaskHost } from './task-host.js';
import { systemTime } from './time.js';
import { WorkEstimates } from './work-estimate.js';
import type { Worker } from './worker.js';
import type { WorkerOptions } from './worker-options.js';
import { Workforce } from './workforce.js';

export interface PoolOptions<C extends Connection> {
  readonly worker: Omit<WorkerOptions<C>, 'callLimits' | 'estimates' | 'source'> & {
    readonly spawn: SpawnSpec;
  };
  readonly policy: PoolPolicy;
  readonly maxQueue: number;
  /** Replace a worker that ended even while nothing waits for it. */
  readonly eager: boolean;
  readonly observer?: PoolObserver | undefined;
}

export class Pool<C extends Connection> implements TaskHost, Employer<C>, Taker<C> {
  /** Told of each worker that took the place of another, once it takes calls. */
  onReplaced: ((home: object) => void) | undefined;
  /** Told of what happens. */
  readonly observer: PoolObserver | undefined;
  readonly keepalive = new Keepalive();
  readonly #options: PoolOptions<C>;
  readonly #callLimits: CallLimits;
  readonly #queue: CallQueue<C>;
  readonly #sources: ProcessSources;
  readonly #workforce: Workforce<C>;
  readonly #staffing: Staffing<C>;
  readonly #reload: Reload<Worker<C>>;
  readonly #recycling: Recycling<Worker<C>> | undefined;
  readonly #pending = new PendingCalls();
  /** Whether calls have waited for room, and nobody was told yet that none does any more. */
  #hasWaited = false;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closing: Promise<void> | undefined;

  constructor(options: PoolOptions<C>) {
    const { worker, policy, eager } = options;
    this.#options = options;
    this.observer = options.observer;
    const { zygote } = policy;
    const sources = new ProcessSources(worker.spawn, (spec) =>
      openSource(spec, { ...worker, zygote }),
    );
    this.#sources = sources;
    const { watchdog, limits, recycle } = policy;
    const callLimits = new CallLimits({ ...policy, onRoom: () => this.#limitsMadeRoom() });
    this.#callLimits = callLimits;
    this.#queue = new CallQueue(callLimits);
    const workforce = new Workforce(
      {
        ...{ ...worker, watchdog, limits, callLimits, observer: options.observer },
        estimates: new WorkEstimates(),
        readsMemory: recycle.memoryBytes < Number.POSITIVE_INFINITY,
      },
      {
        onRoom: (served) => this.#madeRoom(served),
        onRetired: (retired) => this.#staffing.retired(retired),
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
    if (Recycling.isWanted(recycle)) this.#recycling = this.#recycle(recycle);
  }

  #recycle(policy: RecyclePolicy): Recycling<Worker<C>> {
    return new Recycling({
      policy,
      workers: () => this.#workforce,
      mayStart: () => this.isOpen && this.circuit === 'closed',
      startOne: () => this.#staffing.startReplacement(),
      onRecycle: (worker, why) => this.observer?.onRecycle(worker, why),
      time: systemTime,
      random: Math.random,
    });
  }

  /** Starts the workers there must be. @throws {ModuleStartError} and nothing is left running */
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

  get waitingForRoom(): number {
    return this.#queue.ready;
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
    this.#pending.add();
    if (!task.accept(this)) return;
    this.observer?.onQueued(task);
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
    this.#pending.delete();
    if (this.#hasWaited) this.#checkDrained();
  }

  started(worker: Worker<C>): void {
    this.#callLimits.learn(worker.connection.methods);
    this.#queue.learn(worker.connection);
    this.#recycling?.started(worker);
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
    await this.#pending.none(limitMs);
    const { graceMs } = this.#options.worker;
    // Teardown hooks run after the worker was asked; they have what is left of the limit.
    await this.#end(Math.max(limitMs, graceMs), graceMs);
  }

  async #end(askedMs: number, termMs: number): Promise<void> {
    this.#state = 'closing';
    this.#staffing.stop();
    this.#recycling?.stop();
    const sourcesClosed = this.#sources.close();
    const ended = [...this.#workforce].map((worker) => {
      const gone = worker.stop(askedMs, termMs);
      return gone.then(() => worker.exited);
    });
    const closed = new ClosedError('The client was closed before this call had finished.');
    this.#failQueued(closed);
    for (const worker of this.#workforce) worker.failAll(closed);
    await Promise.all(ended);
    await sourcesClosed;
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

  take(task: Task<C>): boolean {
    const worker = this.#workforce.bestFor(task);
    if (worker === undefined) {
      this.#noRoom();
      return false;
    }
    task.list?.delete(task);
    try {
      worker.assign(task);
    } catch (error) {
      task.fail(error);
    }
    return true;
  }

  #dispatch(): void {
    this.#queue.serve(this);
    if (this.#hasWaited) this.#checkDrained();
  }

  #madeRoom(worker: Worker<C>): void {
    this.#recycling?.served(worker);
    this.#dispatch();
  }

  #limitsMadeRoom(): void {
    this.#dispatch();
    for (const worker of this.#workforce) worker.serveBound();
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
    this.#requeue(unbegun);
    this.#requeue(lost.filter((call) => this.#retries(call, worker)).map(({ task }) => task));
    this.#staffing.ended(worker, this.#reload.excuses(worker));
    // What follows from a failed start is decided where its error arrives.
    if (!worker.wasReady) return;
    if (this.#queue.size > 0) this.#dispatch();
    else this.#staffing.replaceSoon();
  }

  /** Whether a call is to run again whose worker died; otherwise its caller is told. */
  #retries({ task, error }: LostCall<C>, worker: Worker<C>): boolean {
    if (!runsAgain(task, worker.connection)) {
      task.fail(error);
      return false;
    }
    this.observer?.onRetry(task, task.attempts + 1, worker);
    return true;
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

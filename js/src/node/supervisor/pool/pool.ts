/**
 * Workers of one module behind one queue: brings together the parts that make a pool, and ends them.
 *
 * Which worker gets a call is the dispatch's business; how many there are, and when one is started,
 * the staffing's.
 */
import type { CircuitState } from '../../../core/client/events.js';
import type { ZygoteStatus } from '../../../core/client/stats.js';
import { type CircuitOpenError, ClosedError } from '../../../core/errors.js';
import type { WorkerStatus } from '../../../core/worker-status.js';
import type { PoolObserver } from '../../observe/observer.js';
import { inOneMoment } from '../../transport/moment.js';
import { CallLimits } from '../call/call-limits.js';
import { Keepalive } from '../call/keepalive.js';
import { runsAgain } from '../call/retries.js';
import type { Task } from '../call/task.js';
import type { TaskHost } from '../call/task-host.js';
import type { Connection } from '../connection/connection.js';
import type { PoolPolicy, RecyclePolicy } from '../pool-policy.js';
import type { SpawnSpec } from '../process/spawn-spec.js';
import { systemTime } from '../time.js';
import type { LostCall } from '../worker/settlement.js';
import { WorkEstimates } from '../worker/work-estimate.js';
import type { Worker } from '../worker/worker.js';
import type { WorkerOptions } from '../worker/worker-options.js';
import { Dispatch } from './dispatch.js';
import { PendingCalls } from './pending-calls.js';
import { PoolEnd } from './pool-end.js';
import type { ProcessSources } from './process-sources.js';
import { RecallWatch } from './recall-watch.js';
import { Recycling } from './recycling.js';
import { Reload } from './reload.js';
import { type Employer, Staffing } from './staffing.js';
import { Workforce } from './workforce.js';

export interface PoolOptions<C extends Connection> {
  readonly worker: Omit<WorkerOptions<C>, 'callLimits' | 'estimates' | 'source'>;
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
  readonly observer: PoolObserver | undefined;
  readonly keepalive = new Keepalive();
  readonly #options: PoolOptions<C>;
  readonly #dispatch: Dispatch<C>;
  readonly #sources: ProcessSources;
  readonly #workforce: Workforce<C>;
  readonly #staffing: Staffing<C>;
  readonly #reload: Reload<Worker<C>>;
  readonly #recycling: Recycling<Worker<C>> | undefined;
  readonly #recalls: RecallWatch<Worker<C>>;
  readonly #pending = new PendingCalls();
  readonly #end: PoolEnd<C>;

  /** @param sources where its processes come from; they are the pool's to close */
  constructor(options: PoolOptions<C>, sources: ProcessSources) {
    const { worker, policy, maxQueue, eager } = options;
    this.#options = options;
    this.observer = options.observer;
    this.#sources = sources;
    const { watchdog, limits, recycle } = policy;
    const callLimits = new CallLimits({ ...policy, onRoom: () => this.#limitsMadeRoom() });
    const workforce = new Workforce(
      {
        ...{ ...worker, watchdog, limits, callLimits, observer: options.observer },
        estimates: new WorkEstimates(),
        readsMemory: recycle.memoryBytes < Number.POSITIVE_INFINITY,
      },
      {
        onRoom: (served) => this.#madeRoom(served),
        onRetired: (retired) => {
          this.#staffing.retired(retired, this.#reload.excuses(retired));
          if (retired.inFlight > 0) this.#recalls.start();
        },
        onRefused: (unbegun) => {
          this.#dispatch.giveBack(unbegun);
          this.#dispatch.run();
        },
        onReleased: (held) => this.#dispatch.release(held),
        onExited: (gone, unbegun, lost) => this.#exited(gone, unbegun, lost),
      },
    );
    this.#workforce = workforce;
    this.#recalls = new RecallWatch({
      workers: () => workforce,
      mayGrow: () => this.#staffing.mayGrow,
    });
    const hasOthers = policy.size.max > 1;
    this.#dispatch = new Dispatch({
      ...{ workforce, limits: callLimits, maxQueue, observer: options.observer },
      mayGrow: () => this.#staffing.mayGrow,
      onSent: hasOthers ? () => this.#recalls.start() : undefined,
      onNoRoom: () => this.#noRoom(),
    });
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
    this.#end = new PoolEnd({
      ...{ workforce, keepalive: this.keepalive, pending: this.#pending },
      ...{ dispatch: this.#dispatch, graceMs: worker.graceMs },
      stop: () => this.#stop(),
    });
    if (Recycling.isWanted(recycle)) this.#recycling = this.#recycle(recycle);
  }

  #recycle(policy: RecyclePolicy): Recycling<Worker<C>> {
    return new Recycling({
      policy,
      workers: () => this.#workforce,
      mayStart: () => this.isOpen && this.circuit === 'closed',
      startOne: () => this.#staffing.startReplacement(),
      onRecycle: (worker, why) => {
        this.#staffing.spare(worker);
        this.observer?.onRecycle(worker, why);
      },
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
    return this.#dispatch.size > 0;
  }

  get queued(): number {
    return this.#dispatch.size;
  }

  get sentAhead(): number {
    return this.#workforce.sentAhead;
  }

  get waitingForRoom(): number {
    return this.#dispatch.ready;
  }

  get isOpen(): boolean {
    return this.#end.isOpen;
  }

  get isClosed(): boolean {
    return this.#end.isClosed;
  }

  /** Takes a task: it will be settled exactly once, whatever happens. */
  submit(task: Task<C>): void {
    inOneMoment(this.#take, task);
  }

  readonly #take = (task: Task<C>): void => {
    this.#pending.add();
    if (!task.accept(this)) return;
    if (this.isOpen) this.#dispatch.add(task);
    else task.fail(new ClosedError(`${task.title} came too late: the client is closed.`));
  };

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
    return this.#end.close(limitMs);
  }

  /** Fails what is pending and ends the workers within `graceMs`: end of file, SIGTERM, SIGKILL. */
  terminate(graceMs = this.#options.worker.graceMs): Promise<void> {
    return this.#end.terminate(graceMs);
  }

  taskSettled(): void {
    this.#pending.delete();
    this.#dispatch.checkDrained();
  }

  started(worker: Worker<C>): void {
    this.#dispatch.learn(worker.connection);
    this.#recycling?.started(worker);
    this.#dispatch.run();
  }

  joined(worker: Worker<C>): void {
    this.onReplaced?.(worker);
  }

  /** Calls wait for the workers that are left; without any they have nothing to wait for. */
  startFailed(error: unknown): void {
    if (this.#workforce.liveCount > 0) return;
    this.#dispatch.failAll(error);
  }

  /** Starts nothing any more. */
  #stop(): Promise<void> {
    this.#staffing.stop();
    this.#recycling?.stop();
    this.#recalls.stop();
    return this.#sources.close();
  }

  #noRoom(): CircuitOpenError | undefined {
    this.#staffing.callsWait();
    return this.#staffing.refusal;
  }

  #madeRoom(worker: Worker<C>): void {
    this.#recycling?.served(worker);
    this.#dispatch.run();
  }

  #limitsMadeRoom(): void {
    this.#dispatch.run();
    for (const worker of this.#workforce) worker.serveBound();
  }

  #exited(worker: Worker<C>, unbegun: Task<C>[], lost: LostCall<C>[]): void {
    this.#workforce.delete(worker);
    this.#dispatch.giveBack(unbegun);
    const again = lost.filter((call) => this.#retries(call, worker));
    this.#dispatch.giveBack(again.map(({ task }) => task));
    this.#staffing.ended(worker, this.#reload.excuses(worker));
    // What follows from a failed start is decided where its error arrives.
    if (!worker.wasReady) return;
    if (this.queued > 0) this.#dispatch.run();
    else this.#staffing.replaceSoon();
  }

  /** Whether a call is to run again whose worker died; otherwise its caller is told. */
  #retries({ task, error }: LostCall<C>, worker: Worker<C>): boolean {
    if (!runsAgain(task, worker.connection)) {
      task.fail(error);
      return false;
    }
    task.loss = error;
    this.observer?.onRetry(task, task.attempts + 1, worker);
    return true;
  }
}

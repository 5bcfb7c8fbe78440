/**
 * Workers of one module behind one queue: dispatch, replacement, closing.
 *
 * A call waits here, as values, until a worker has room, so it can still move, be given up, or be
 * refused. A worker that dies is replaced after a growing delay; one that cannot even start costs
 * the waiting calls one clear error and is tried again only when a later call asks for it.
 */
import type { WorkerStatus } from '../../core/client/client.js';
import { ClosedError, ModuleStartError, QueueFullError } from '../../core/errors.js';
import { CallQueue } from './call-queue.js';
import type { CallbackContext } from './callback-context.js';
import type { Connection } from './connection.js';
import { Keepalive } from './keepalive.js';
import { Reload } from './reload.js';
import { RestartDelay } from './restart-delay.js';
import type { SpawnSpec } from './spawn-spec.js';
import type { Task } from './task.js';
import { startTimer } from './timer.js';
import { WorkEstimates } from './work-estimate.js';
import { Worker, type WorkerOptions } from './worker.js';

export interface PoolOptions<C extends Connection> {
  readonly worker: Omit<WorkerOptions<C>, 'estimates'>;
  readonly size: number;
  readonly maxQueue: number;
  /** Replace a worker that ended even while nothing waits for it. */
  readonly eager: boolean;
}

/** Useless workers in a row after which replacements wait for a call. */
const MAX_EAGER_FAILURES = 5;

export class Pool<C extends Connection> {
  /** Told of each worker that took the place of another, once it takes calls. */
  onReplaced: ((home: object) => void) | undefined;
  readonly #options: PoolOptions<C>;
  /** How workers are started, and how those of a reload are: it must first prove itself. */
  #spawn: SpawnSpec;
  #freshSpawn: SpawnSpec;
  readonly #queue = new CallQueue<C>();
  readonly #workers = new Set<Worker<C>>();
  readonly #reload: Reload<Worker<C>>;
  readonly #estimates = new WorkEstimates();
  readonly #keepalive = new Keepalive();
  readonly #restarts = new RestartDelay();
  #restartTimer: NodeJS.Timeout | undefined;
  /** Whether the last worker that ended had never been ready. */
  #startFailed = false;
  /** Calls whose caller has no answer yet. */
  #pending = 0;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: PoolOptions<C>) {
    this.#options = options;
    this.#spawn = options.worker.spawn;
    this.#freshSpawn = this.#spawn;
    this.#reload = new Reload({
      size: options.size,
      isOpen: () => this.#state === 'open',
      live: () => [...this.#workers].filter(isLive),
      start: () => this.#startFresh(),
    });
  }

  /** Starts all workers. @throws {ModuleStartError} and nothing is left running */
  async start(): Promise<void> {
    const boots = Array.from({ length: this.#options.size }, () => this.#startWorker());
    try {
      await this.#keepalive.during(Promise.all(boots));
    } catch (error) {
      await this.terminate();
      throw error;
    }
  }

  get workers(): readonly WorkerStatus[] {
    return Array.from(this.#workers, (worker) => worker.status);
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Takes a task: it will be settled exactly once, whatever happens. */
  submit(task: Task<C>): void {
    if (this.#state !== 'open') {
      task.fail(new ClosedError(`${task.title} came too late: the client is closed.`));
      return;
    }
    this.#pending += 1;
    if (!task.accept(this.#settled, this.#keepalive)) return;
    if (task.within !== undefined && this.#nest(task, task.within)) return;
    if (task.home !== undefined) {
      this.#submitHome(task, task.home);
      return;
    }
    this.#queue.push(task);
    this.#dispatch();
    if (this.#queue.has(task) && this.#queue.size > this.#options.maxQueue) {
      task.fail(new QueueFullError(this.#options.maxQueue));
    }
  }

  /**
   * Replaces the workers by new ones, each once it has started; the old finish the calls they have.
   * Nothing is held up or lost meanwhile. On a closed client there is nothing to do.
   *
   * @param spawn how workers are started from then on
   * @throws {ModuleStartError} a new one could not start; the old ones go on
   */
  async reload(spawn: SpawnSpec = this.#spawn): Promise<void> {
    if (this.#state !== 'open') return;
    this.#freshSpawn = spawn;
    try {
      await this.#reload.request();
    } catch (error) {
      this.#giveUp(error);
      throw error;
    }
  }

  /** Finishes what was submitted, then ends the workers; after `limitMs` it no longer waits. */
  close(limitMs: number): Promise<void> {
    this.#closing ??= this.#keepalive.during(this.#close(limitMs)).finally(() => this.#closed());
    return this.#closing;
  }

  /** Fails what is pending and ends the workers within `graceMs`: end of file, SIGTERM, SIGKILL. */
  terminate(graceMs = this.#options.worker.graceMs): Promise<void> {
    if (this.#state === 'closed') return this.#closing ?? Promise.resolve();
    const ended = this.#keepalive.during(this.#end(graceMs / 2, graceMs / 2));
    this.#closing ??= ended.finally(() => this.#closed());
    return Promise.all([ended, this.#closing]).then(() => undefined);
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
    clearTimeout(this.#restartTimer);
    const ended = [...this.#workers].map((worker) => {
      const gone = worker.stop(askedMs, termMs);
      return gone.then(() => worker.exited);
    });
    const closed = new ClosedError('The client was closed before this call had finished.');
    for (const task of this.#queue.takeAll()) task.fail(closed);
    for (const worker of this.#workers) worker.failAll(closed);
    await Promise.all(ended);
  }

  /** Gives a task to the one worker that can run it. */
  #submitHome(task: Task<C>, home: object): void {
    const worker = this.#workerOf(home);
    if (worker === undefined) {
      task.loseHome();
      return;
    }
    worker.claim(task);
    if (worker.waiting > this.#options.maxQueue) {
      task.fail(new QueueFullError(this.#options.maxQueue));
    }
  }

  #closed(): void {
    this.#state = 'closed';
    this.#keepalive.dispose();
  }

  readonly #settled = (): void => {
    this.#pending -= 1;
    if (this.#pending === 0) this.#onIdle?.();
  };

  /**
   * Sends a call that a callback makes to the worker whose main thread waits for that callback, past
   * all that waits for room: it comes first, or neither ever ends. False where none waits here.
   */
  #nest(task: Task<C>, within: CallbackContext): boolean {
    const found = this.#waitingFor(within);
    if (found === undefined) return false;
    const worker = task.home === undefined ? found.worker : this.#workerOf(task.home);
    if (worker?.takesNested !== true || !task.isSerial(worker.connection)) return false;
    const { outer } = found;
    worker.nest(task, worker === found.worker ? outer : undefined);
    if (task.list === outer.held && (outer.held?.size ?? 0) > this.#options.maxQueue) {
      task.fail(new QueueFullError(this.#options.maxQueue));
    }
    return true;
  }

  /** The innermost of these calls that a main thread of this pool waits in, and its worker. */
  #waitingFor(within: CallbackContext): { outer: Task<C>; worker: Worker<C> } | undefined {
    for (let context: CallbackContext | undefined = within; context !== undefined; ) {
      const { task, running }: CallbackContext = context;
      const worker =
        running && task.waits && !task.settled ? this.#workerOf(task.owner) : undefined;
      // Owned by one of its workers, it is of this pool's kind.
      if (worker !== undefined) return { outer: task as Task<C>, worker };
      context = task.within;
    }
    return undefined;
  }

  #workerOf(home: object | undefined): Worker<C> | undefined {
    for (const worker of this.#workers) if (worker === home) return worker;
    return undefined;
  }

  #dispatch(): void {
    for (const line of this.#queue.lines) {
      for (let task = line.first; task !== null; task = line.first) {
        const worker = this.#workerFor(task);
        if (worker === undefined) {
          this.#startMissing();
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
  }

  /** The one with room and the least to do. */
  #workerFor(task: Task<C>): Worker<C> | undefined {
    let best: Worker<C> | undefined;
    for (const worker of this.#workers) {
      if ((best === undefined || worker.inFlight < best.inFlight) && worker.hasRoom(task)) {
        best = worker;
        if (worker.inFlight === 0) break;
      }
    }
    return best;
  }

  #liveWorkers(): number {
    let live = 0;
    for (const worker of this.#workers) if (isLive(worker)) live += 1;
    return live;
  }

  #startMissing(): void {
    if (this.#state === 'closed' || this.#restartTimer !== undefined) return;
    const missing = this.#options.size - this.#liveWorkers();
    if (missing <= 0) return;
    // A call that finds no worker because none could start is worth one try at once.
    const wait = this.#startFailed && this.#liveWorkers() === 0 ? 0 : this.#restarts.ms;
    if (wait === 0) {
      for (let i = 0; i < missing; i++) this.#restart();
      return;
    }
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      const stillMissing = this.#options.size - this.#liveWorkers();
      for (let i = 0; i < stillMissing; i++) this.#restart();
    }, wait).unref();
  }

  #restart(): void {
    const replaced = this.#startWorker().then((worker) => this.onReplaced?.(worker));
    replaced.catch((error: unknown) => this.#giveUp(error));
  }

  /** Calls wait for the workers that are left; without any they have nothing to wait for. */
  #giveUp(error: unknown): void {
    if (this.#liveWorkers() > 0) return;
    for (const task of this.#queue.takeAll()) task.fail(error);
  }

  async #startWorker(worker = this.#createWorker()): Promise<Worker<C>> {
    this.#workers.add(worker);
    await worker.boot();
    this.#queue.learn(worker.connection);
    this.#dispatch();
    return worker;
  }

  #startFresh(): { worker: Worker<C>; ready: Promise<void> } {
    const spawn = this.#freshSpawn;
    const worker = this.#createWorker(spawn);
    const ready = this.#startWorker(worker).then(() => {
      this.#spawn = spawn;
      // How often workers of the old code have died says nothing of the new.
      this.#restarts.forget();
      this.onReplaced?.(worker);
    });
    return { worker, ready };
  }

  #createWorker(spawn = this.#spawn): Worker<C> {
    try {
      return new Worker(
        { ...this.#options.worker, spawn, estimates: this.#estimates },
        {
          onRoom: () => this.#dispatch(),
          onRetired: () => this.#replaceSoon(),
          onRefused: (unbegun) => this.#takeBack(unbegun),
          onReleased: (held) => this.#takeHeld(held),
          onExited: (gone, unbegun) => this.#exited(gone, unbegun),
        },
      );
    } catch (error) {
      const { name } = this.#options.worker;
      const reason = error instanceof Error ? error.message : String(error);
      const exit = { exitCode: null, signal: null, stderrTail: '' };
      throw new ModuleStartError(`No worker of "${name}" could be spawned: ${reason}`, exit, error);
    }
  }

  #exited(worker: Worker<C>, unbegun: Task<C>[]): void {
    this.#workers.delete(worker);
    this.#requeue(unbegun);
    if (!this.#reload.excuses(worker)) this.#restarts.recordEnd(worker.served > 0);
    this.#startFailed = !worker.wasReady;
    // What follows from a failed start is decided where its error arrives.
    if (this.#startFailed) return;
    if (this.#queue.size > 0) this.#dispatch();
    else this.#replaceSoon();
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

  #replaceSoon(): void {
    if (this.#state !== 'open') return;
    const wanted = this.#options.eager && this.#restarts.failures <= MAX_EAGER_FAILURES;
    if (wanted || this.#queue.size > 0) this.#startMissing();
  }
}

/** Whether it serves, or will. */
function isLive({ state }: Pick<WorkerStatus, 'state'>): boolean {
  return state === 'ready' || state === 'starting';
}

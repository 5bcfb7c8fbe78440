/**
 * A handle to one worker: its process, its connection, and the calls it has.
 *
 * It starts run clocks, frees slots, and keeps the tasks that only it can run. What becomes of its
 * calls when the process ends is the settlement's business, when to start and replace workers the
 * pool's.
 */
import type { WorkerState, WorkerStatus } from '../../core/client/client.js';
import { ClosedError } from '../../core/errors.js';
import { SynapseError } from '../../core/protocol/errors.js';
import { CallQueue } from './call-queue.js';
import type { Connection, Dialect } from './connection.js';
import { type LogRecord, logRecordFromWire } from './log-record.js';
import { MainThread } from './main-thread.js';
import { isViolation, type Obituary, settleAtExit, startError } from './settlement.js';
import type { ChannelChoice, SpawnSpec } from './spawn-spec.js';
import { StopLadder } from './stop-ladder.js';
import type { Task, TaskOwner } from './task.js';
import { TaskList } from './task-list.js';
import { startTimer } from './timer.js';
import type { WorkEstimates } from './work-estimate.js';
import { WorkerLink } from './worker-link.js';
import { type ProcessExit, WorkerProcess } from './worker-process.js';

/** Async calls and streams that one worker runs at a time. */
const MAX_CONCURRENT = 256;
export interface WorkerOptions<C extends Connection> {
  readonly spawn: SpawnSpec;
  readonly dialect: Dialect<C>;
  readonly channel: ChannelChoice;
  /** What error messages call the module. */
  readonly name: string;
  readonly startTimeoutMs: number;
  readonly graceMs: number;
  readonly estimates: WorkEstimates;
  readonly onLog: (record: LogRecord) => void;
}

export interface WorkerEvents<C extends Connection> {
  /** It can take another call. */
  onRoom(): void;
  /** It takes no more calls and will end: replace it. */
  onRetired(worker: Worker<C>): void;
  /** It is shutting down and has not begun these calls, in order. */
  onRefused(unbegun: Task<C>[]): void;
  /** These waited for a place on top of a call that has ended: they can run anywhere now. */
  onReleased(held: Task<C>[]): void;
  /** It has ended; `unbegun` are calls that certainly never ran, in order. */
  onExited(worker: Worker<C>, unbegun: Task<C>[]): void;
}

export class Worker<C extends Connection> implements TaskOwner<C> {
  /** Calls it was given; tells a worker that died at work from one that cannot live. */
  served = 0;
  readonly exited: Promise<ProcessExit>;
  readonly #options: WorkerOptions<C>;
  readonly #events: WorkerEvents<C>;
  readonly #process: WorkerProcess;
  readonly #link: WorkerLink<C>;
  /** Tasks that only this worker can run and that wait for room. */
  readonly #waiting = new CallQueue<C>();
  readonly #main: MainThread<C>;
  readonly #concurrent = new TaskList<Task<C>>();
  readonly #stops: StopLadder<C>;
  #refused: Task<C>[] = [];
  #connection: C | undefined;
  #state: WorkerState = 'starting';
  #sequence = 0;
  #unstarted = 0;

  constructor(options: WorkerOptions<C>, events: WorkerEvents<C>) {
    this.#options = options;
    this.#events = events;
    this.#main = new MainThread(options.estimates);
    this.#stops = new StopLadder({
      graceMs: options.graceMs,
      cancellable: options.dialect.cancellable,
      isBlocked: () => this.#main.isTaken,
      onOverdue: () => this.#replace(),
    });
    this.#process = new WorkerProcess(
      options.spawn,
      options.channel === 'stdio',
      (source, message) => this.#log(source, source === 'stderr' ? 'WARNING' : 'INFO', message),
    );
    this.#link = new WorkerLink(this.#process, options.dialect, options.channel, {
      onDrain: () => this.#madeRoom(),
      onClosed: (reason) => this.#connectionClosed(reason),
      onLog: (record) => options.onLog(logRecordFromWire(record, this.#process.pid)),
      onWarning: (message) => {
        this.#link.report.warning = message;
        this.#log('runtime', 'WARNING', message);
      },
    });
    this.exited = this.#process.exited.then(async (exit) => {
      await this.#link.readToEnd();
      return this.#finish(exit);
    });
  }

  get state(): WorkerState {
    return this.#state;
  }

  get status(): WorkerStatus {
    return { pid: this.#process.pid, state: this.#state, inFlight: this.inFlight };
  }

  get inFlight(): number {
    return this.#main.size + this.#concurrent.size;
  }

  /** The connection of a worker that is ready. */
  get connection(): C {
    if (this.#connection === undefined) throw new Error('The worker has no connection yet.');
    return this.#connection;
  }

  /** Resolves when it takes calls. @throws {ModuleStartError} and the process has ended */
  async boot(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const { startTimeoutMs } = this.#options;
    const tooLate = new Promise<never>((_, reject) => {
      const message = `It took longer than ${startTimeoutMs} ms.`;
      const expire = (): void => reject(new SynapseError('MODULE_START_FAILED', message));
      timer = startTimer(startTimeoutMs, expire)?.unref();
    });
    const ended = this.#process.exited.then((): never => {
      throw new SynapseError('MODULE_START_FAILED', 'The process ended.');
    });
    try {
      const connection = await Promise.race([this.#link.open(), tooLate, ended]);
      if (this.#state === 'starting') {
        this.#connection = connection;
        this.#waiting.learn(connection);
        this.#state = 'ready';
        return;
      }
      throw new ClosedError(STOPPED_EARLY);
    } catch (error) {
      if (this.#state === 'stopping') throw new ClosedError(STOPPED_EARLY, error);
      await this.stop(BOOT_LADDER.askedMs, BOOT_LADDER.termMs);
      throw startError(this.#obituary(await this.exited), error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether it would take this task now. */
  hasRoom(task: Task<C>): boolean {
    if (this.#state !== 'ready' || this.#connection === undefined) return false;
    // While it is not known whether a call will stop, the worker may have to be replaced. One that
    // cannot stop before the main thread is free costs no time: nor are calls read before.
    if (this.#connection.congested || this.#stops.size > 0) return false;
    if (!task.isSerial(this.#connection)) return this.#concurrent.size < MAX_CONCURRENT;
    return this.#main.hasRoom(task);
  }

  /** How many tasks wait that only this worker can run. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a task that only this worker can run: now, or when there is room. */
  claim(task: Task<C>): void {
    if (this.#state !== 'ready') {
      task.loseHome();
      return;
    }
    this.#waiting.push(task);
    this.#serveWaiting();
  }

  #serveWaiting(): void {
    for (const line of this.#waiting.lines) {
      for (let task = line.first; task !== null && this.hasRoom(task); task = line.first) {
        line.delete(task);
        try {
          this.assign(task);
        } catch (error) {
          task.fail(error);
        }
      }
    }
  }

  /** There is room, first for those that can go nowhere else. */
  #madeRoom(): void {
    if (this.#waiting.size > 0) this.#serveWaiting();
    this.#events.onRoom();
  }

  #evictWaiting(): void {
    for (const task of this.#waiting.takeAll()) task.loseHome();
  }

  /** Whether it runs calls that callbacks of its own calls make. */
  get takesNested(): boolean {
    return this.#state === 'ready' || this.#state === 'draining';
  }

  /**
   * Takes a call that was made in a callback which a main thread waits for: it goes on top of what
   * waits here, at once.
   *
   * @param outer the call of this worker whose callback it was; none, if of another's. Of its calls
   *   that have callbacks themselves one runs at a time, or they would wait inside one another.
   */
  nest(task: Task<C>, outer: Task<C> | undefined): void {
    if (outer !== undefined && outer.inner !== null) {
      outer.held ??= new TaskList();
      outer.held.push(task);
      return;
    }
    try {
      this.assign(task);
    } catch (error) {
      task.fail(error);
      return;
    }
    if (outer === undefined || !task.waits) return;
    task.outer = outer;
    outer.inner = task;
  }

  /** Sends a task. @throws what its values throw when they cannot be sent */
  assign(task: Task<C>): void {
    task.begin(this);
    this.served += 1;
    task.sequence = ++this.#sequence;
    if (task.isSerial(this.connection)) {
      if (this.#main.push(task)) task.started();
      return;
    }
    this.#concurrent.push(task);
    if (this.#main.listens) task.started();
    else this.#unstarted += 1;
  }

  taskEnded(task: Task<C>): void {
    if (this.#main.has(task)) this.#main.observe(task);
    this.#remove(task);
    if (this.#state === 'draining') this.#endWhenIdle();
    else this.#madeRoom();
  }

  taskAbandoned(task: Task<C>): void {
    this.#stops.add(task);
    if (this.#options.dialect.cancellable) this.#link.cancel(task.id);
    if (task.running) this.#stops.startGrace(task);
    else if (task.list === this.#concurrent) this.#stops.letGoLater(task);
  }

  taskWaits(task: Task<C>): void {
    if (this.#unstarted > 0 && task === this.#main.head) this.#startConcurrent(null);
  }

  taskRefused(task: Task<C>): void {
    this.#remove(task);
    task.takenBack();
    // What arrived together is given back together, in its order.
    if (this.#refused.push(task) === 1) queueMicrotask(() => this.#giveBack());
  }

  #giveBack(): void {
    const refused = this.#refused.filter((task) => !task.settled);
    this.#refused = [];
    this.#retire();
    this.#events.onRefused(refused);
    if (this.#state === 'draining') this.#endWhenIdle();
  }

  /** Ends it: asks, then SIGTERM after `askedMs`, then SIGKILL `termMs` later. */
  stop(askedMs: number, termMs: number): Promise<ProcessExit> {
    if (this.#state !== 'exited' && this.#state !== 'stopping') {
      const wasReady = this.#state === 'ready';
      this.#state = 'stopping';
      this.#evictWaiting();
      if (wasReady) this.#events.onRetired(this);
    }
    // One that is still starting hears no asking, and has nothing to finish.
    if (!this.wasReady) return this.#process.end(0, termMs);
    if (askedMs > 0) this.#link.connection?.drain();
    return this.#process.end(askedMs, termMs);
  }

  /** Fails every call it has, and tells it to stop them. */
  failAll(reason: SynapseError): void {
    for (const task of this.#waiting.takeAll()) task.fail(reason);
    for (const task of this.#takeHeld()) task.fail(reason);
    for (const task of [...this.#main, ...this.#concurrent, ...this.#refused]) {
      task.fail(reason);
      if (this.#options.dialect.cancellable) this.#link.cancel(task.id);
    }
  }

  /** Whether it ever took calls. */
  get wasReady(): boolean {
    return this.#connection !== undefined;
  }

  /** Kills it and its children now. */
  kill(): Promise<ProcessExit> {
    const gone = this.stop(0, 0);
    this.#process.kill();
    return gone;
  }

  #remove(task: Task<C>): void {
    this.#stops.delete(task);
    if (this.#main.has(task)) {
      this.#main.delete(task);
      this.#advance();
    } else {
      if (!task.running) this.#unstarted -= 1;
      this.#concurrent.delete(task);
    }
    if (task.outer !== null) this.#innerEnded(task, task.outer);
    if (task.held !== null) this.#events.onReleased(task.held.takeAll());
  }

  /** A call on top of another has ended: those that were held back for it follow. */
  #innerEnded(inner: Task<C>, outer: Task<C>): void {
    inner.outer = null;
    outer.inner = null;
    const { held } = outer;
    if (held === null) return;
    if (outer.settled || !this.takesNested) {
      this.#events.onReleased(held.takeAll());
      return;
    }
    while (outer.inner === null && held.first !== null) {
      const { first } = held;
      held.delete(first);
      this.nest(first, outer);
    }
  }

  #takeHeld(): Task<C>[] {
    return [...this.#main, ...this.#concurrent].flatMap(({ held }) => held?.takeAll() ?? []);
  }

  /** The main thread has come to the end of a call. */
  #advance(): void {
    for (const head of this.#main.heads()) if (!head.running) this.#start(head);
    if (this.#unstarted > 0) this.#startConcurrent(this.#main.listens ? null : this.#main.head);
    if (this.#main.isTaken) return;
    this.#stops.unblock();
    if (this.#stops.hasOverdue) this.#endStuck();
  }

  #startConcurrent(head: Task<C> | null): void {
    for (const waiting of this.#concurrent) {
      if (!waiting.running && (head === null || waiting.sequence < head.sequence)) {
        this.#unstarted -= 1;
        this.#start(waiting);
      }
    }
  }

  #start(task: Task<C>): void {
    task.started();
    // Given up while it waited here: it should end as soon as the worker reaches it.
    if (task.settled) this.#stops.startGrace(task);
  }

  /** Gives what else runs here its grace, takes no new calls, then kills if it is still stuck. */
  #replace(): void {
    if (this.#state !== 'ready' && this.#state !== 'draining') return;
    this.#retire();
    const { graceMs, dialect } = this.#options;
    if (!dialect.cancellable) void this.stop(0, graceMs);
    else if (this.#neighboursRun()) startTimer(graceMs, () => this.#endStuck())?.unref();
    else this.#endStuck();
  }

  /** Takes no new calls from now on. */
  #retire(): void {
    if (this.#state !== 'ready') return;
    this.#state = 'draining';
    this.#evictWaiting();
    this.#events.onRetired(this);
  }

  /** Takes no new calls, finishes those it has, and ends. */
  retire(): void {
    this.#retire();
    this.#endWhenIdle();
  }

  /** Ends a worker that something is stuck in, unless its main thread is at work for a caller. */
  #endStuck(): void {
    if (this.#stops.hasOverdue && !this.#main.isTaken) void this.kill();
  }

  #neighboursRun(): boolean {
    for (const task of [...this.#main, ...this.#concurrent]) {
      if (task.running && !task.settled) return true;
    }
    return false;
  }

  #endWhenIdle(): void {
    if (this.inFlight > 0) return;
    void this.stop(this.#options.graceMs, this.#options.graceMs);
  }

  #closedBy: SynapseError | undefined;

  #connectionClosed(reason: SynapseError): void {
    if (this.#state !== 'ready' && this.#state !== 'draining') return;
    this.#closedBy = reason;
    // The process usually ends with its channel; one that goes on without is of no use.
    const { graceMs } = this.#options;
    void this.stop(isViolation(reason) ? 0 : graceMs, graceMs);
  }

  #finish(exit: ProcessExit): ProcessExit {
    this.#link.close(new ClosedError('The worker has ended.'));
    this.#state = 'exited';
    this.#evictWaiting();
    const held = this.#takeHeld();
    const unbegun = settleAtExit([...this.#main.takeAll(), ...this.#concurrent.takeAll()], {
      ...this.#obituary(exit),
      killedWhileStuck: this.#stops.hasOverdue,
      unbegun: (task) =>
        this.#options.dialect.unbegun(this.connection, task.id, this.#link.report.consumedBytes),
    });
    this.#events.onExited(this, [...unbegun, ...held]);
    return exit;
  }

  /** What is known of how it ended. */
  #obituary(exit: ProcessExit): Obituary {
    const { name, dialect } = this.#options;
    return { name, dialect, exit, report: this.#link.report, closedBy: this.#closedBy };
  }

  #log(source: LogRecord['source'], level: string, message: string): void {
    this.#options.onLog({ source, level, message, pid: this.#process.pid });
  }
}

const STOPPED_EARLY = 'The worker was stopped while it was starting.';

/** A worker that failed to start is not waited for politely. */
const BOOT_LADDER = { askedMs: 0, termMs: 500 } as const;

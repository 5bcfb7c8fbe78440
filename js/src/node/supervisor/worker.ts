/**
 * A handle to one worker: its process, its connection, and the calls it has.
 *
 * It starts run clocks, frees slots, and keeps the tasks that only it can run. What becomes of its
 * calls when the process ends is the settlement's business, when to start and replace workers the
 * pool's.
 */

import { ClosedError } from '../../core/errors.js';
import { SynapseError } from '../../core/protocol/errors.js';
import type { WorkerExitReason, WorkerState, WorkerStatus } from '../../core/worker-status.js';
import { BoundCalls } from './bound-calls.js';
import type { Connection } from './connection.js';
import { InFlight } from './in-flight.js';
import { type LogRecord, logRecordFromWire } from './log-record.js';
import { NestedCalls } from './nested-calls.js';
import type { ProcessExit, ProcessHandle } from './process-handle.js';
import { isViolation, type Obituary, settleAtExit, startError } from './settlement.js';
import { StopLadder } from './stop-ladder.js';
import type { Task, TaskOwner } from './task.js';
import { startTimer } from './timer.js';
import { WorkerLink } from './worker-link.js';
import type { WorkerEvents, WorkerOptions } from './worker-options.js';

export class Worker<C extends Connection> implements TaskOwner<C> {
  /** Calls it was given; tells a worker that died at work from one that cannot live. */
  served = 0;
  readonly startedAt = Date.now();
  readonly exited: Promise<ProcessExit>;
  /** How its process ended, and why, once it has. */
  exit: ProcessExit | undefined;
  reason: WorkerExitReason | undefined;
  readonly #options: WorkerOptions<C>;
  readonly #events: WorkerEvents<C, Worker<C>>;
  readonly #process: ProcessHandle;
  readonly #link: WorkerLink<C>;
  readonly #calls: InFlight<C>;
  readonly #nested: NestedCalls<C>;
  /** Tasks that only this worker can run and that wait for room. */
  readonly #bound: BoundCalls<C>;
  readonly #stops: StopLadder<C>;
  #refused: Task<C>[] = [];
  #connection: C | undefined;
  #state: WorkerState = 'starting';

  constructor(options: WorkerOptions<C>, events: WorkerEvents<C, Worker<C>>) {
    this.#options = options;
    this.#events = events;
    this.#calls = new InFlight(options.estimates, (task, at) => this.#started(task, at));
    this.#nested = new NestedCalls(this, (held) => events.onReleased(held));
    this.#bound = new BoundCalls(this);
    this.#stops = new StopLadder({
      graceMs: options.graceMs,
      cancellable: options.dialect.cancellable,
      isBlocked: () => this.#calls.main.isTaken,
      onOverdue: () => this.#replace(),
    });
    this.#process = options.source.start((source, message) =>
      this.#log(source, source === 'stderr' ? 'WARNING' : 'INFO', message),
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
      this.exit = exit;
      const asked = this.#state === 'stopping' && this.#closedBy === undefined;
      this.reason ??= asked ? 'closed' : exit.signal === null ? 'exited' : 'killed';
      await this.#link.readToEnd();
      return this.#finish(exit);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get status(): WorkerStatus {
    const { inFlight, served, startedAt } = this;
    const state = this.#state === 'ready' && inFlight > 0 ? 'busy' : this.#state;
    return { pid: this.#process.pid, state, inFlight, startedAt, served };
  }

  get inFlight(): number {
    return this.#calls.size;
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
        this.#bound.learn(connection);
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
    return this.#calls.hasRoom(task, task.isSerial(this.#connection));
  }

  /** How many tasks wait that only this worker can run. */
  get waiting(): number {
    return this.#bound.size;
  }

  /** Takes a task that only this worker can run: now, or when there is room. */
  claim(task: Task<C>): void {
    if (this.#state === 'ready') this.#bound.push(task);
    else task.loseHome();
  }

  /** There is room, first for those that can go nowhere else. */
  #madeRoom(): void {
    if (this.#bound.size > 0) this.#bound.serve();
    this.#events.onRoom();
  }

  /** Whether it runs calls that callbacks of its own calls make. */
  get takesNested(): boolean {
    return this.#state === 'ready' || this.#state === 'draining';
  }

  /**
   * Takes a call that was made in a callback which a main thread waits for, at once.
   *
   * @param outer the call of this worker whose callback it was; none, if of another's
   */
  nest(task: Task<C>, outer: Task<C> | undefined): void {
    this.#nested.add(task, outer);
  }

  /** Sends a task. @throws what its values throw when they cannot be sent */
  assign(task: Task<C>): void {
    task.begin(this);
    this.served += 1;
    this.#calls.push(task, task.isSerial(this.connection));
  }

  taskEnded(task: Task<C>): void {
    this.#remove(task, true);
    if (this.#state === 'draining') this.#endWhenIdle();
    else this.#madeRoom();
  }

  taskAbandoned(task: Task<C>): void {
    this.#stops.add(task);
    if (this.#options.dialect.cancellable) this.#link.cancel(task.id);
    if (task.running) this.#stops.startGrace(task);
    else if (this.#calls.isConcurrent(task)) this.#stops.letGoLater(task);
  }

  taskWaits(task: Task<C>): void {
    this.#calls.waits(task);
  }

  readStack(): Promise<string | undefined> {
    return this.#process.readStack(STACK_LIMIT_MS);
  }

  taskRefused(task: Task<C>): void {
    this.#remove(task, false);
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
      this.#bound.evict();
      if (wasReady) this.#events.onRetired(this);
    }
    // One that is still starting hears no asking, and has nothing to finish.
    if (!this.wasReady) return this.#process.end(0, termMs);
    if (askedMs > 0) this.#link.connection?.drain();
    return this.#process.end(askedMs, termMs);
  }

  /** Fails every call it has, and tells it to stop them. */
  failAll(reason: SynapseError): void {
    for (const task of [...this.#bound.takeAll(), ...this.#takeHeld()]) task.fail(reason);
    for (const task of [...this.#calls, ...this.#refused]) {
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

  #remove(task: Task<C>, answered: boolean): void {
    this.#stops.delete(task);
    if (this.#calls.delete(task, answered) && !this.#calls.main.isTaken) {
      this.#stops.unblock();
      if (this.#stops.hasOverdue) this.#endStuck();
    }
    this.#nested.ended(task);
  }

  #started(task: Task<C>, at: number): void {
    task.started(at);
    // Given up while it waited here: it should end as soon as the worker reaches it.
    if (task.settled) this.#stops.startGrace(task);
  }

  #takeHeld(): Task<C>[] {
    return [...this.#calls].flatMap(({ held }) => held?.takeAll() ?? []);
  }

  /** Gives what else runs here its grace, takes no new calls, then kills if it is still stuck. */
  #replace(): void {
    if (this.#state !== 'ready' && this.#state !== 'draining') return;
    this.#retire();
    const { graceMs, dialect } = this.#options;
    if (!dialect.cancellable) void this.stop(0, graceMs);
    else if (this.#calls.isWanted) startTimer(graceMs, () => this.#endStuck())?.unref();
    else this.#endStuck();
  }

  /** Takes no new calls from now on. */
  #retire(): void {
    if (this.#state !== 'ready') return;
    this.#state = 'draining';
    this.#bound.evict();
    this.#events.onRetired(this);
  }

  /** Takes no new calls, finishes those it has, and ends. */
  retire(reason?: WorkerExitReason): void {
    this.reason ??= reason;
    this.#retire();
    this.#endWhenIdle();
  }

  /** Ends a worker that something is stuck in, unless its main thread is at work for a caller. */
  #endStuck(): void {
    if (this.#stops.hasOverdue && !this.#calls.main.isTaken) void this.kill();
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
    this.#bound.evict();
    const held = this.#takeHeld();
    const { unbegun, lost } = settleAtExit(this.#calls.takeAll(), {
      ...this.#obituary(exit),
      killedWhileStuck: this.#stops.hasOverdue,
      unbegun: (task) =>
        this.#options.dialect.unbegun(this.connection, task.id, this.#link.report.consumedBytes),
    });
    this.#events.onExited(this, [...unbegun, ...held], lost);
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

/** How long the error of a call waits for what Python was at. */
const STACK_LIMIT_MS = 250;
const STOPPED_EARLY = 'The worker was stopped while it was starting.';

/** A worker that failed to start is not waited for politely. */
const BOOT_LADDER = { askedMs: 0, termMs: 500 } as const;

/**
 * A handle to one worker: the calls it has, and the life it leads.
 *
 * It frees slots and stops what is given up. What becomes of its calls when the process ends is the
 * settlement's business, when to start and replace workers the pool's.
 */
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { WorkerExitReason } from '../../../core/worker-status.js';
import { now } from '../../transport/moment.js';
import { failUnanswered } from '../call/retries.js';
import type { Task, TaskOwner } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import type { ProcessExit } from '../process/process-handle.js';
import { BoundCalls } from './bound-calls.js';
import { InFlight } from './in-flight.js';
import { NestedCalls } from './nested-calls.js';
import { neverBegan } from './never-began.js';
import { settleAtExit } from './settlement.js';
import type { StopLadder } from './stop-ladder.js';
import { StuckEnd } from './stuck-end.js';
import { type Beginner, UnbegunCalls } from './unbegun-calls.js';
import { WorkerFacts } from './worker-facts.js';
import { type Liver, WorkerLife } from './worker-life.js';
import type { WorkerEvents, WorkerOptions } from './worker-options.js';

export class Worker<C extends Connection>
  extends WorkerFacts<C>
  implements TaskOwner<C>, Liver<C>, Beginner<C>
{
  readonly #options: WorkerOptions<C>;
  readonly #events: WorkerEvents<C, Worker<C>>;
  protected readonly life: WorkerLife<C>;
  protected readonly sent: InFlight<C>;
  readonly #nested: NestedCalls<C>;
  /** Tasks that only this worker can run and that wait for room. */
  readonly #bound: BoundCalls<C>;
  readonly #stuckEnd: StuckEnd<C>;
  readonly #stops: StopLadder<C>;
  readonly #unbegun = new UnbegunCalls<C>(this);

  constructor(options: WorkerOptions<C>, events: WorkerEvents<C, Worker<C>>) {
    super();
    this.#options = options;
    this.#events = events;
    this.sent = new InFlight(options.estimates, (task, at) => this.#started(task, at));
    this.#nested = new NestedCalls(this, (held) => events.onReleased(held));
    this.#bound = new BoundCalls(this, options.callLimits);
    this.life = new WorkerLife(options, this);
    this.#stuckEnd = new StuckEnd(options, this.life, this.sent);
    this.#stops = this.#stuckEnd.stops;
    options.observer?.onWorkerState(this, this.state, undefined);
  }

  /** How many of its calls it has not begun. */
  get sentAhead(): number {
    let waiting = this.#bound.size;
    for (const { running, settled } of this.sent) if (!running && !settled) waiting += 1;
    return waiting;
  }

  /** Whether it has calls after this one that could go to another worker. */
  holdsAfter(lastBegun: number): boolean {
    return this.#unbegun.areAfter(lastBegun);
  }

  /** Takes back the calls that it has not begun and that another worker could run. */
  recall(): void {
    this.#unbegun.recall();
  }

  /** Resolves when it takes calls. @throws {ModuleStartError} and the process has ended */
  boot(): Promise<void> {
    return this.life.boot();
  }

  /** Whether it would take this task now. */
  hasRoom(task: Task<C>): boolean {
    return this.#takesCalls && this.sent.hasRoom(task, task.isSerial(this.connection));
  }

  /** Whether it would take this task now, to run it next, though it has enough to do: where it could be taken back. */
  hasNext(task: Task<C>): boolean {
    if (!this.#takesCalls || this.ledger === undefined || this.#bound.size > 0) return false;
    return this.sent.hasNext(task, task.isSerial(this.connection));
  }

  /** Sends those of its own tasks that limits had held up. */
  serveBound(): void {
    if (this.#bound.size > 0) this.#bound.serve();
  }

  /** How many tasks wait that only this worker can run. */
  get waiting(): number {
    return this.#bound.size;
  }

  /** Takes a task that only this worker can run: now, or when there is room. */
  claim(task: Task<C>): void {
    if (this.state === 'ready') this.#bound.push(task);
    else task.loseHome();
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
    const { callLimits } = this.#options;
    task.begin(this, callLimits.areSet ? callLimits.of(task.method) : undefined);
    this.served += 1;
    this.sent.push(task, task.isSerial(this.connection));
  }

  taskEnded(task: Task<C>): void {
    this.answers += 1;
    this.#remove(task, true);
    if (this.life.isUnresponsive) this.life.heard();
    else this.recovered();
  }

  taskAbandoned(task: Task<C>): void {
    this.#stops.add(task);
    if (this.#options.dialect.cancellable) this.life.link.cancel(task.id);
    if (task.running) this.#stops.startGrace(task);
    else if (this.sent.isConcurrent(task)) this.#stops.letGoLater(task);
  }

  taskWaits(task: Task<C>): void {
    this.sent.waits(task);
    // It reads what arrives again: calls that were not sent as it did not can be.
    this.recovered();
  }

  taskRefused(task: Task<C>): boolean {
    return this.#unbegun.refused(task);
  }

  checkBegun(task: Task<C>): void {
    this.#unbegun.check(task);
  }

  withdraw(task: Task<C>): boolean {
    return this.#unbegun.withdraw(task);
  }

  begun(task: Task<C>): void {
    this.sent.begun(task, now());
  }

  free(task: Task<C>, forget: boolean): void {
    if (forget) this.connection.forget?.(task.id);
    this.#remove(task, false);
  }

  closing(): void {
    this.life.retire();
  }

  givenBack(unbegun: Task<C>[]): void {
    this.#events.onRefused(unbegun);
    if (this.state === 'draining') this.#endWhenIdle();
  }

  readStack(): Promise<string | undefined> {
    return this.life.readStack();
  }

  ready(connection: C): void {
    this.#bound.learn(connection);
  }

  /** There is room, first for those that can go nowhere else; or nothing more to wait for. */
  recovered(): void {
    if (this.state === 'draining') {
      this.#endWhenIdle();
      return;
    }
    if (this.#bound.size > 0) this.#bound.serve();
    this.#events.onRoom(this);
  }

  leaving(): void {
    this.#bound.evict();
    this.#events.onRetired(this);
  }

  /** Ends it: asks, then SIGTERM after `askedMs`, then SIGKILL `termMs` later. */
  stop(askedMs: number, termMs: number, reason: WorkerExitReason = 'closed'): Promise<ProcessExit> {
    if (this.state === 'starting') this.#bound.evict();
    return this.life.stop(askedMs, termMs, reason);
  }

  /** Fails every call it has, and tells it to stop them. */
  failAll(reason: SynapseError): void {
    for (const task of [...this.#bound.takeAll(), ...this.#takeHeld()]) task.fail(reason);
    for (const task of [...this.sent, ...this.#unbegun]) {
      failUnanswered(task, reason);
      if (this.#options.dialect.cancellable) this.life.link.cancel(task.id);
    }
  }

  /** Kills it and its children now. */
  kill(reason: WorkerExitReason): void {
    this.life.kill(reason);
  }

  /** Takes no new calls, finishes those it has, and ends. */
  retire(reason: WorkerExitReason): void {
    this.life.retire(reason);
    this.#endWhenIdle();
  }

  ended(exit: ProcessExit): void {
    const { inFlight: calls, reason = 'exited' } = this;
    const { connection, link, obituary } = this.life;
    this.#unbegun.stop();
    const { lastBegun } = this;
    this.#bound.evict();
    const held = this.#takeHeld();
    // Where it never had a connection it had no calls either.
    const moments = connection && {
      ...{ connection, lastBegun, dialect: this.#options.dialect },
      lastRead: link.report.lastRead,
      // An answer that was lost on its way is none for the call that seems stuck.
      wasStuck: reason === 'cancelled' && this.#stuckEnd.isOfMainThread && link.wasReadOut,
    };
    const { unbegun, lost } = settleAtExit(this.sent.takeAll(), {
      ...obituary,
      unbegun: (task) => moments === undefined || neverBegan(task, moments),
    });
    this.#options.observer?.onWorkerExit(this, { ...exit, reason, calls });
    this.#events.onExited(this, [...unbegun, ...held], lost);
  }

  get #takesCalls(): boolean {
    const { state, connection } = this.life;
    if (state !== 'ready' || connection === undefined) return false;
    // While it is not known whether a call will stop, the worker may have to be replaced. One that
    // cannot stop before the main thread is free costs no time: nor are calls read before.
    return !connection.congested && this.#stops.size === 0 && !this.life.isUnresponsive;
  }

  #remove(task: Task<C>, answered: boolean): void {
    this.#stops.delete(task);
    const isFree = this.sent.delete(task, answered) && !this.sent.main.isTaken;
    if (isFree && this.#stops.size > 0) this.#stuckEnd.freed();
    this.#nested.ended(task);
  }

  #started(task: Task<C>, at: number): void {
    task.started(at);
    // Given up while it waited here: it should end as soon as the worker reaches it.
    if (task.settled) this.#stops.startGrace(task);
  }

  #takeHeld(): Task<C>[] {
    return [...this.sent].flatMap(({ held }) => held?.takeAll() ?? []);
  }

  #endWhenIdle(): void {
    const { graceMs } = this.#options;
    if (this.inFlight === 0) void this.stop(graceMs, graceMs, 'exited');
  }
}

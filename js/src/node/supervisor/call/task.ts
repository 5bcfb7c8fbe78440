/**
 * One call on its way through the supervisor: waiting, sent, ended; who has it, and what its clocks do. It is
 * the worker's end of a call: the slot there is free only when the call has *ended*, though its caller may have
 * been *settled* long before, which is the business of `awaited-task`.
 */

import type { CallClock, CallTimeout } from '../../../core/call-timeout.js';
import type { AbortSignalLike } from '../../../core/client/client.js';
import { CallTimeoutError, ClosedError } from '../../../core/errors.js';
import type { SynapseError } from '../../../core/protocol/errors.js';
import { now } from '../../transport/moment.js';
import type { Connection } from '../connection/connection.js';
import { saysUnbegun, stackOf } from './answers.js';
import { AwaitedTask } from './awaited-task.js';
import { type Binding, UNBOUND } from './binding.js';
import type { CallLimit } from './call-limits.js';
import type { CallPolicy } from './call-policy.js';
import { timeoutOf } from './call-timeouts.js';
import { currentCallback, runCallbackOf } from './callback-context.js';
import { Clocks, hasLimits } from './clocks.js';
import type { Preparation } from './preparation.js';
import type { TaskHost } from './task-host.js';

/** The worker that has a task, as far as the task needs to know it. */
export interface TaskOwner<C extends Connection> {
  readonly connection: C;
  readonly pid: number | undefined;
  /** The task's answer came; its slot is free. */
  taskEnded(task: Task<C>): void;
  /** The caller gave the task up: stop it, replace the worker if it will not stop. */
  taskAbandoned(task: Task<C>): void;
  /** The worker says that it has not begun the task and will not; false where that is not so. */
  taskRefused(task: Task<C>): boolean;
  /** Finds out whether it has begun the task, where it says so; then the task is `started`. */
  checkBegun(task: Task<C>): void;
  /**
   * Sees that a task that is not begun yet never will be: it is `takenBack`, soon. One that is begun is
   * `started`. False where it cannot be known.
   */
  withdraw(task: Task<C>): boolean;
  /** Python waits for a function that came with the task; meanwhile it serves other calls. */
  taskWaits(task: Task<C>): void;
  /** Where Python is at this moment, for what is said of the task. The signal is sent before this returns. */
  readStack(): Promise<string | undefined>;
}

export abstract class Task<C extends Connection = Connection> extends AwaitedTask<Task<C>> {
  readonly #binding: Binding;
  #owner: TaskOwner<C> | null = null;
  #limit: CallLimit | undefined;
  #clocks: Clocks | undefined;
  /** Sent ahead, it has waited too long: what its caller is told if it turns out not to be begun. */
  #overdue: CallTimeout | undefined;
  /** Where a coroutine was that was told to stop: stacks of threads do not show it. */
  #suspendedAt: string | undefined;

  constructor(
    method: string,
    policy: CallPolicy,
    signal: AbortSignalLike | undefined,
    binding: Binding = UNBOUND,
  ) {
    super(method, policy, signal);
    this.#binding = binding;
  }

  /** Sends it. @throws {EncodeError} when its values cannot be sent */
  protected abstract send(connection: C): void;
  /** Its id on the connection, where the dialect has ids. */
  abstract readonly id: number;
  /** Whether the worker runs it in order, one at a time with others of its kind. */
  abstract isSerial(connection: C): boolean;

  /** What is to be done before it is sent, in slices; there is nothing for most. */
  get preparation(): Preparation | undefined {
    return undefined;
  }

  /** Whether it has waited too long, unless its worker has begun it. */
  get isOverdue(): boolean {
    return this.#overdue !== undefined;
  }

  /** The only worker that can run it, if there is but one. */
  get home(): object | undefined {
    return this.#binding.home;
  }

  /** The only worker that can run it takes no more calls. */
  loseHome(): void {
    const { loss } = this;
    const message = `${this.title} has lost its worker.`;
    this.fail(this.#binding.homeless?.(loss) ?? new ClosedError(message, loss));
  }

  /** Whether it could be run again, had its worker died of it: nothing of it has been used up. */
  get retryable(): boolean {
    return this.home === undefined && !this.sentReferences;
  }

  /** The worker that has it. */
  override get owner(): TaskOwner<C> | undefined {
    return this.#owner ?? undefined;
  }

  /**
   * Takes it under the pool's care. False when it is settled already: its signal was aborted, or is
   * none that can be listened to.
   */
  accept(host: TaskHost): boolean {
    this.submittedTo(host);
    this.submittedAt = now();
    this.within = currentCallback();
    if (this.awaited) this.holdHost();
    host.observer?.onQueued(this);
    this.listen();
    if (this.settled) return false;
    if (hasLimits(this.policy)) {
      this.#clocks = new Clocks(this.policy, this);
      this.#clocks.submitted(this.submittedAt);
    }
    return true;
  }

  /**
   * Sends it to a worker.
   *
   * @param limit what it counts for as long as it is there
   * @throws what `send` throws; then it belongs to no worker
   */
  begin(owner: TaskOwner<C>, limit?: CallLimit): void {
    this.#owner = owner;
    this.attempts += 1;
    this.dispatchedAt = now();
    try {
      this.send(owner.connection);
    } catch (error) {
      this.#owner = null;
      throw error;
    }
    limit?.take();
    this.#limit = limit;
    this.observer?.onDispatched(this, owner);
  }

  /** The worker can be at work on it since `at`: its run clock starts. */
  started(at: number): void {
    this.running = true;
    this.startedAt = at;
    this.observer?.onStarted(this);
    this.startClock(at);
  }

  /** Calls a function that came with it, so that calls made in there are known to be nested. */
  async runCallback(callback: () => unknown): Promise<unknown> {
    this.callbacks += 1;
    this.#clocks?.rest();
    if (this.waits) this.#owner?.taskWaits(this);
    try {
      return await runCallbackOf(this, callback);
    } finally {
      this.callbacks -= 1;
      if (this.callbacks === 0) this.#clocks?.goOn();
    }
  }

  /**
   * Takes it back from a worker that will not answer it.
   *
   * @param begun whether it may have run there; otherwise it is as if it had never been sent
   */
  takenBack(begun = true): void {
    this.#owner = null;
    this.#limit?.release();
    this.#limit = undefined;
    if (!begun) this.attempts -= 1;
    else if (this.running) this.ranMs += now() - this.startedAt;
    const overdue = this.#overdue;
    this.#overdue = undefined;
    if (overdue !== undefined && !begun) {
      this.fail(new CallTimeoutError(this.title, { ...overdue, maybeBegun: false }));
    } else if ((this.running || overdue) && !this.settled) this.#clocks?.queued(now());
    this.running = false;
    this.inner = null;
    this.outer = null;
    this.letGo();
  }

  protected override abandon(): void {
    const owner = this.#owner;
    if (owner !== null) owner.taskAbandoned(this);
  }

  protected override settle(): boolean {
    this.#clocks?.stop();
    if (!super.settle()) return false;
    // Queued, it leaves the queue; sent, it keeps its slot until the worker has answered.
    if (this.#owner === null) this.list?.delete(this);
    return true;
  }

  /** Progress reaches the caller until it is settled; a callback that throws fails its call. */
  protected guardProgress(
    onProgress: ((value: unknown) => void) | undefined,
  ): ((value: unknown) => void) | undefined {
    if (onProgress === undefined && this.policy.idleMs <= 0) return undefined;
    return (value) => {
      if (this.settled) return;
      this.#clocks?.stirred();
      try {
        onProgress?.(value);
      } catch (error) {
        this.giveUp(error);
      }
    };
  }

  /** The worker answered for good. */
  protected ended(): void {
    const owner = this.#owner;
    this.#owner = null;
    this.#limit?.release();
    this.#limit = undefined;
    owner?.taskEnded(this);
    this.letGo();
  }

  /** The worker answered with an error: the caller's, unless it only says that it is closing. */
  protected failed(error: SynapseError): void {
    const owner = this.#owner;
    if (owner !== null && saysUnbegun(error) && owner.taskRefused(this)) return;
    this.ended();
    if (this.settled) this.#suspendedAt = stackOf(error);
    else this.fail(error);
  }

  protected startClock(at = now()): void {
    if (!this.settled) this.#clocks?.started(at);
  }

  protected pauseClock(): void {
    this.#clocks?.paused();
  }

  /**
   * One of its clocks has run out. What Python was at is read before Python is told to stop. One that was
   * sent ahead may be begun, though it is not `running` for all that was heard: that is asked first.
   */
  clockExpired(clock: CallClock, limitMs: number): void {
    if (clock === 'queue') {
      if (this.#owner?.withdraw(this)) {
        this.#overdue = timeoutOf(this, this.host, clock, limitMs);
        this.#clocks?.leftQueue();
        return;
      }
    } else if (!this.running) {
      this.#owner?.checkBegun(this);
    }
    const timeout = timeoutOf(this, this.host, clock, limitMs);
    const stack = this.running ? this.#owner?.readStack() : undefined;
    if (!this.settle()) return;
    this.abandon();
    if (stack === undefined) {
      this.tell(new CallTimeoutError(this.title, timeout));
      return;
    }
    this.holdHost();
    void stack.then((threads) => {
      const pythonStack = [this.#suspendedAt, threads].filter(Boolean).join('\n\n') || undefined;
      this.tell(new CallTimeoutError(this.title, { ...timeout, pythonStack }));
    });
  }
}

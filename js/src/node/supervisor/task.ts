/**
 * One call on its way through the supervisor: waiting, sent, ended. It holds the two ends apart
 * that differ when a call is given up: the caller is *settled* at once, exactly once, while the
 * worker's slot is free only when the call has *ended* there.
 */
import type { AbortSignalLike } from '../../core/client/client.js';
import { CallCancelledError, CallTimeoutError, ClosedError } from '../../core/errors.js';
import { PythonError, type SynapseError } from '../../core/protocol/errors.js';
import { addAbortListener, removeAbortListener } from './abort-listeners.js';
import { type CallbackContext, currentCallback, runCallbackOf } from './callback-context.js';
import type { Connection } from './connection.js';
import type { Keepalive } from './keepalive.js';
import type { Linked, TaskList } from './task-list.js';
import { startTimer } from './timer.js';

/** The worker that has a task, as far as the task needs to know it. */
export interface TaskOwner<C extends Connection> {
  readonly connection: C;
  /** The task's answer came; its slot is free. */
  taskEnded(task: Task<C>): void;
  /** The caller gave the task up: stop it, replace the worker if it will not stop. */
  taskAbandoned(task: Task<C>): void;
  /** The worker is shutting down and did not begin the task. */
  taskRefused(task: Task<C>): void;
  /** Python waits for a function that came with the task; meanwhile it serves other calls. */
  taskWaits(task: Task<C>): void;
}

/** The worker that a task is bound to: what it works on lives there and nowhere else. */
export interface Binding {
  /** The only worker that can run it; any can where there is none. */
  readonly home?: object | undefined;
  /** What its caller is told when that worker takes no more calls. */
  readonly homeless?: (() => unknown) | undefined;
}

const UNBOUND: Binding = {};

export abstract class Task<C extends Connection = Connection> implements Linked<Task<C>> {
  previous: Task<C> | null = null;
  next: Task<C> | null = null;
  list: TaskList<Task<C>> | null = null;

  /** Order of dispatch on its worker. */
  sequence = 0;
  /** Expected work when it was sent, in milliseconds. */
  cost = 0;
  /** The worker can be at work on it: everything before it has been answered. */
  running = false;
  /** Functions went with it that the worker's main thread may wait for. */
  waits = false;
  /** How many of them run. */
  callbacks = 0;
  /** The callback that submitted it, if one did. */
  within: CallbackContext | undefined;
  /** A call that one of its callbacks made and that has callbacks itself. */
  inner: Task<C> | null = null;
  /** The call whose `inner` it is. */
  outer: Task<C> | null = null;
  /** What its callbacks have called since then. */
  held: TaskList<Task<C>> | null = null;

  readonly method: string;
  readonly #binding: Binding;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignalLike | undefined;
  #owner: TaskOwner<C> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  #onSettled: (() => void) | undefined;
  #onLeft: (() => void) | undefined;
  #keepalive: Keepalive | undefined;
  #holdsHost = false;

  constructor(
    method: string,
    timeoutMs: number,
    signal: AbortSignalLike | undefined,
    binding: Binding = UNBOUND,
  ) {
    this.method = method;
    this.#binding = binding;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** Sends it. @throws {EncodeError} when its values cannot be sent */
  protected abstract send(connection: C): void;
  /** Its id on the connection, where the dialect has ids. */
  abstract readonly id: number;
  /** Whether the worker runs it in order, one at a time with others of its kind. */
  abstract isSerial(connection: C): boolean;
  protected abstract deliverError(error: unknown): void;

  get settled(): boolean {
    return this.#settled;
  }

  /** The only worker that can run it, if there is but one. */
  get home(): object | undefined {
    return this.#binding.home;
  }

  /** The only worker that can run it takes no more calls. */
  loseHome(): void {
    this.fail(this.#binding.homeless?.() ?? new ClosedError(`${this.title} has lost its worker.`));
  }

  /** The worker that has it. */
  get owner(): TaskOwner<C> | undefined {
    return this.#owner ?? undefined;
  }

  /** What errors call it. */
  get title(): string {
    return `The call of "${this.method}"`;
  }

  /**
   * Takes it under the pool's care. False when it is settled already: its signal was aborted, or is
   * none that can be listened to.
   */
  accept(onSettled: () => void, keepalive: Keepalive): boolean {
    this.#onSettled = onSettled;
    this.#keepalive = keepalive;
    this.within = currentCallback();
    if (this.awaited) this.holdHost();
    if (this.#signal === undefined) return true;
    try {
      if (this.#signal.aborted) this.#aborted();
      else addAbortListener(this.#signal, this.#aborted);
    } catch (error) {
      this.fail(error);
    }
    return !this.#settled;
  }

  /** Sends it to a worker. @throws what `send` throws; then it belongs to no worker */
  begin(owner: TaskOwner<C>): void {
    this.#owner = owner;
    try {
      this.send(owner.connection);
    } catch (error) {
      this.#owner = null;
      throw error;
    }
  }

  /** Whether its caller waits for it from the moment it is submitted. */
  protected get awaited(): boolean {
    return true;
  }

  /** Keeps the host alive: somebody waits for something that only this task can bring. */
  protected holdHost(): void {
    if (this.#holdsHost || this.#keepalive === undefined) return;
    this.#holdsHost = true;
    this.#keepalive.hold();
  }

  protected releaseHost(): void {
    if (!this.#holdsHost) return;
    this.#holdsHost = false;
    this.#keepalive?.release();
  }

  /** Its run clock starts. */
  started(): void {
    this.running = true;
    this.startClock();
  }

  /** Calls a function that came with it, so that calls made in there are known to be nested. */
  async runCallback(callback: () => unknown): Promise<unknown> {
    this.callbacks += 1;
    if (this.waits) this.#owner?.taskWaits(this);
    try {
      return await runCallbackOf(this, callback);
    } finally {
      this.callbacks -= 1;
    }
  }

  /** Takes it back from a worker that never began it. */
  takenBack(): void {
    this.#owner = null;
    this.running = false;
    this.inner = null;
    this.outer = null;
    this.stopClock();
    this.letGo();
  }

  /** The caller gets an error, unless it has had its answer. */
  fail(error: unknown): void {
    if (this.settle()) this.deliverError(error);
  }

  /** The caller wants it no longer. */
  protected abandon(): void {
    const owner = this.#owner;
    if (owner !== null) owner.taskAbandoned(this);
  }

  /**
   * The caller wants nothing more but waits until the worker has stopped, and so does the pool:
   * the host stays alive until clean-up in Python is done.
   *
   * @param begun whether there can be anything to clean up
   */
  protected leave(begun: boolean): Promise<void> {
    const release = this.#onSettled;
    const waits = begun && this.#owner !== null;
    if (waits) this.#onSettled = undefined;
    if (!this.settle()) return Promise.resolve();
    if (!waits) {
      this.abandon();
      return Promise.resolve();
    }
    this.holdHost();
    return new Promise((resolve) => {
      this.#onLeft = () => {
        this.releaseHost();
        release?.();
        resolve();
      };
      this.abandon();
    });
  }

  /** Ends the wait of a caller that leaves, if there is one. */
  letGo(): void {
    const onLeft = this.#onLeft;
    this.#onLeft = undefined;
    onLeft?.();
  }

  /** True the first time: who gets it may answer the caller. */
  protected settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.stopClock();
    if (this.#signal !== undefined) removeAbortListener(this.#signal, this.#aborted);
    // Queued, it leaves the queue; sent, it keeps its slot until the worker has answered.
    if (this.#owner === null) this.list?.delete(this);
    this.releaseHost();
    this.#onSettled?.();
    return true;
  }

  /** Progress reaches the caller until it is settled; a callback that throws fails its call. */
  protected guardProgress(
    onProgress: ((value: unknown) => void) | undefined,
  ): ((value: unknown) => void) | undefined {
    if (onProgress === undefined) return undefined;
    return (value) => {
      if (this.#settled) return;
      try {
        onProgress(value);
      } catch (error) {
        this.fail(error);
        this.abandon();
      }
    };
  }

  /** The worker answered for good. */
  protected ended(): void {
    const owner = this.#owner;
    this.#owner = null;
    owner?.taskEnded(this);
    this.letGo();
  }

  /** The worker answered with an error: the caller's, unless it only says that it is closing. */
  protected failed(error: SynapseError): void {
    const owner = this.#owner;
    if (owner !== null && !this.#settled && saysClosing(error)) {
      owner.taskRefused(this);
      return;
    }
    this.ended();
    this.fail(error);
  }

  protected startClock(): void {
    if (this.#timeoutMs <= 0 || this.#settled) return;
    this.stopClock();
    // Unref'ed: while the call is pending the pool keeps the host alive.
    this.#timer = startTimer(this.#timeoutMs, this.#expired)?.unref();
  }

  protected stopClock(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #expired = (): void => {
    this.fail(new CallTimeoutError(this.title, this.#timeoutMs));
    this.abandon();
  };

  readonly #aborted = (): void => {
    this.fail(new CallCancelledError(this.title, this.#signal?.reason));
    this.abandon();
  };
}

/** How a worker answers a call that came after it was told to end; it never began that one. */
function saysClosing(error: SynapseError): boolean {
  return error.code === 'CLOSED' && error.retryable && !(error instanceof PythonError);
}

/**
 * A task as its caller has it: waited for, given up or left, and *settled* at once, exactly once, however long its
 * worker needs to end it. For as long as its caller waits it keeps the host alive, and it tells its pool when nobody
 * does any more. Of the worker it knows only whether there is one.
 */
import type { AbortSignalLike } from '../../../core/client/client.js';
import { CallCancelledError } from '../../../core/errors.js';
import type { Outcome, PoolObserver } from '../../observe/observer.js';
import { now } from '../../transport/moment.js';
import { addAbortListener, removeAbortListener } from './abort-listeners.js';
import type { CallPolicy } from './call-policy.js';
import type { TaskHost } from './task-host.js';
import type { Linked } from './task-list.js';
import { TaskRecord } from './task-record.js';

/**
 * Neither it nor `Task` has private methods: each object of a class with some bears its mark, 8 bytes a call.
 *
 * @typeParam T the task itself
 */
export abstract class AwaitedTask<T extends Linked<T>> extends TaskRecord<T> {
  #host: TaskHost | null = null;
  #holdsHost = false;
  readonly #signal: AbortSignalLike | undefined;
  /** Listens to the signal, where there is one. */
  #onAbort: (() => void) | undefined;
  #settled = false;
  #onLeft: (() => void) | undefined;

  constructor(method: string, policy: CallPolicy, signal: AbortSignalLike | undefined) {
    super(method, policy);
    this.#signal = signal;
  }

  /** The worker that has it. */
  abstract get owner(): object | undefined;
  protected abstract deliverError(error: unknown): void;
  /** The caller wants it no longer. */
  protected abstract abandon(): void;

  get settled(): boolean {
    return this.#settled;
  }

  /** What errors call it. */
  get title(): string {
    return `The call of "${this.method}"`;
  }

  /** The pool; none before it was submitted. */
  protected get host(): TaskHost | null {
    return this.#host;
  }

  protected get observer(): PoolObserver | undefined {
    return this.#host?.observer;
  }

  protected submittedTo(host: TaskHost): void {
    this.#host = host;
  }

  /** Whether its caller waits for it from the moment it is submitted. */
  protected get awaited(): boolean {
    return true;
  }

  /** Keeps the host alive: somebody waits for something that only this task can bring. */
  protected holdHost(): void {
    if (this.#holdsHost || this.#host === null) return;
    this.#holdsHost = true;
    this.#host.keepalive.hold();
  }

  protected releaseHost(): void {
    if (!this.#holdsHost) return;
    this.#holdsHost = false;
    this.#host?.keepalive.release();
  }

  /** Heeds the signal from now on. It is settled if that was aborted, or is none that can be listened to. */
  protected listen(): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    try {
      this.#onAbort = () => this.giveUp(new CallCancelledError(this.title, signal.reason));
      if (signal.aborted) this.#onAbort();
      else addAbortListener(signal, this.#onAbort);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The caller gets an error, unless it has had its answer. */
  fail(error: unknown): void {
    if (this.settle()) this.tell(error);
  }

  /** Answers a caller that is settled, if only now. */
  protected tell(error: unknown): void {
    this.conclude('failed', error);
    this.deliverError(error);
  }

  /** The caller gets an error, and Python is stopped. */
  giveUp(error: unknown): void {
    this.fail(error);
    this.abandon();
  }

  /**
   * The caller wants nothing more but waits until the worker has stopped, and so does the pool:
   * the host stays alive until clean-up in Python is done.
   *
   * @param begun whether there can be anything to clean up
   */
  protected leave(begun: boolean): Promise<void> {
    const waits = begun && this.owner !== undefined;
    if (!this.settle()) return Promise.resolve();
    if (!waits) {
      this.conclude('left');
      this.abandon();
      return Promise.resolve();
    }
    this.holdHost();
    return new Promise((resolve) => {
      this.#onLeft = () => {
        this.conclude('left');
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
  protected complete(): boolean {
    if (!this.settle()) return false;
    this.conclude('completed');
    return true;
  }

  /** True the first time; who gets it answers the caller, and concludes it then. */
  protected settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.settledAt = now();
    if (this.#onAbort !== undefined) removeAbortListener(this.#signal!, this.#onAbort);
    this.#onAbort = undefined;
    return true;
  }

  /** The caller is answered, and waits for nothing more. */
  protected conclude(outcome: Outcome, error?: unknown): void {
    this.releaseHost();
    const host = this.#host;
    if (host === null) return;
    host.observer?.onSettled(this, outcome, error);
    host.taskSettled();
  }
}

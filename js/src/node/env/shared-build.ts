/**
 * One build for everyone in this process who wants the same environment. Each waiter may give up on its
 * own; the build itself is cancelled when the last one has.
 */
import type { EnvironmentEvent } from './events.js';

/** What a waiter brings along. */
export interface Waiter {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: EnvironmentEvent) => void) | undefined;
}

/** A build that any number of callers can wait for. */
export class SharedBuild<Result> {
  readonly #cancel = new AbortController();
  /** Each waiter, and what makes it leave without the result. */
  readonly #waiters = new Map<Waiter, (reason: unknown) => void>();
  readonly #result: Promise<Result>;

  constructor(
    build: (signal: AbortSignal, onEvent: (event: EnvironmentEvent) => void) => Promise<Result>,
  ) {
    this.#result = build(this.#cancel.signal, (event) => {
      for (const [waiter, leave] of this.#waiters) {
        try {
          waiter.onEvent?.(event);
        } catch (error) {
          leave(error); // its own bug: whoever else waits is not to suffer
        }
      }
    });
    // Every waiter may have left by the time it fails.
    this.#result.catch(() => {});
  }

  /** Whether it was given up: nobody new may join. */
  get isCancelled(): boolean {
    return this.#cancel.signal.aborted;
  }

  /** Call back once the build has ended, either way. */
  onEnd(callback: () => void): void {
    this.#result.then(callback, callback);
  }

  /**
   * Wait for the result; rejects as soon as the signal is aborted (with its reason) or the listener
   * throws (with its error).
   */
  async join(waiter: Waiter): Promise<Result> {
    const { signal } = waiter;
    signal?.throwIfAborted();
    let onAbort: (() => void) | undefined;
    const left = new Promise<never>((_resolve, reject) => {
      const leave = (reason: unknown): void => {
        this.#waiters.delete(waiter);
        if (this.#waiters.size === 0) this.#cancel.abort(reason);
        reject(reason);
      };
      this.#waiters.set(waiter, leave);
      onAbort = () => leave(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([this.#result, left]);
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
      this.#waiters.delete(waiter);
    }
  }
}

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
  readonly #waiters = new Set<Waiter>();
  readonly #result: Promise<Result>;

  constructor(
    build: (signal: AbortSignal, onEvent: (event: EnvironmentEvent) => void) => Promise<Result>,
  ) {
    this.#result = build(this.#cancel.signal, (event) => {
      for (const waiter of this.#waiters) waiter.onEvent?.(event);
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

  /** Wait for the result; rejects with the signal's reason as soon as that is aborted. */
  async join(waiter: Waiter): Promise<Result> {
    const { signal } = waiter;
    signal?.throwIfAborted();
    this.#waiters.add(waiter);
    let onAbort: (() => void) | undefined;
    try {
      if (signal === undefined) return await this.#result;
      const aborted = new Promise<never>((_resolve, reject) => {
        onAbort = () => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
      });
      return await Promise.race([this.#result, aborted]);
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
      this.#waiters.delete(waiter);
      if (signal?.aborted && this.#waiters.size === 0) this.#cancel.abort(signal.reason);
    }
  }
}

/** The end of a pool: when its calls have been answered, or at once. Each is safe to ask for again. */
import { ClosedError } from '../../../core/errors.js';
import { type CallbackContext, currentCallback } from '../call/callback-context.js';
import type { Keepalive } from '../call/keepalive.js';
import type { Connection } from '../connection/connection.js';
import type { Dispatch } from './dispatch.js';
import type { PendingCalls } from './pending-calls.js';
import type { Workforce } from './workforce.js';

/** What there is to end. */
export interface PoolParts<C extends Connection> {
  readonly keepalive: Keepalive;
  readonly pending: PendingCalls;
  readonly dispatch: Dispatch<C>;
  readonly workforce: Workforce<C>;
  readonly graceMs: number;
  /** Starts nothing any more; resolves when what starts workers has ended. */
  readonly stop: () => Promise<void>;
}

export class PoolEnd<C extends Connection> {
  readonly #parts: PoolParts<C>;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closing: Promise<void> | undefined;

  constructor(parts: PoolParts<C>) {
    this.#parts = parts;
  }

  /** Whether it has not begun. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Whether it is over. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Finishes what was submitted, then ends the workers; after `limitMs` it no longer waits. */
  close(limitMs: number): Promise<void> {
    const { keepalive } = this.#parts;
    this.#closing ??= keepalive.during(this.#close(limitMs)).finally(() => this.#closed());
    return this.#closing;
  }

  /** Fails what is pending and ends the workers within `graceMs`: end of file, SIGTERM, SIGKILL. */
  terminate(graceMs: number): Promise<void> {
    if (this.#state === 'closed') return this.#closing ?? Promise.resolve();
    const ended = this.#parts.keepalive.during(this.#end(graceMs / 2, graceMs / 2));
    this.#closing ??= ended.finally(() => this.#closed());
    return Promise.all([ended, this.#closing]).then(() => undefined);
  }

  async #close(limitMs: number): Promise<void> {
    this.#state = 'closing';
    const { graceMs, pending } = this.#parts;
    const within = currentCallback();
    await pending.none({ limitMs, graceMs, held: () => this.#waitingFor(within) });
    // Teardown hooks run after the worker was asked; they have what is left of the limit.
    await this.#end(Math.max(limitMs, graceMs), graceMs);
  }

  /** How many calls of this pool wait for the callback that closes it, which may wait for that. */
  #waitingFor(within: CallbackContext | undefined): number {
    let count = 0;
    for (let context = within; context !== undefined; context = context.task.within) {
      const { task, running } = context;
      if (running && !task.settled && this.#parts.workforce.of(task.owner)) count += 1;
    }
    return count;
  }

  async #end(askedMs: number, termMs: number): Promise<void> {
    this.#state = 'closing';
    const { dispatch, workforce, stop } = this.#parts;
    const stopped = stop();
    const ended = [...workforce].map((worker) => {
      const gone = worker.stop(askedMs, termMs);
      return gone.then(() => worker.exited);
    });
    const closed = new ClosedError('The client was closed before this call had finished.');
    dispatch.failAll(closed);
    for (const worker of workforce) worker.failAll(closed);
    await Promise.all(ended);
    await stopped;
  }

  #closed(): void {
    this.#state = 'closed';
    this.#parts.keepalive.dispose();
  }
}

/**
 * The consumer's end of a stream: a bounded buffer that gives credit back as items are taken.
 *
 * At most `window` items are on their way or waiting here at any time, so a consumer that reads
 * slowly stops the producer, and one that leaves cancels it.
 */

/** What a stream needs from whoever runs it. */
export interface StreamSource {
  /** Makes the call. Called once, when iteration starts. */
  start(): void;
  /** Allows the producer this many more items. */
  grant(items: number): void;
  /** The consumer waits for an item, or does so no longer. */
  waiting(waits: boolean): void;
  /** The consumer has left before the end; resolves when the producer has stopped. */
  cancel(): Promise<void>;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class SynapseStream<T = unknown> implements AsyncIterableIterator<T> {
  readonly #source: StreamSource;
  readonly #batchSize: number;
  #batches: (readonly unknown[])[] = [];
  /** Next item of the first batch. */
  #position = 0;
  #taken = 0;
  #waiters: Waiter<T>[] = [];
  #state: 'new' | 'open' | 'ended' | 'failed' = 'new';
  #error: unknown;

  /** @param window items that may be on their way or buffered; credit returns in halves of it */
  constructor(source: StreamSource, window: number) {
    this.#source = source;
    this.#batchSize = Math.max(1, window >> 1);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === 'new') {
      this.#state = 'open';
      this.#source.start();
    }
    const batch = this.#batches[0];
    if (batch !== undefined) return Promise.resolve({ done: false, value: this.#take(batch) });
    if (this.#state === 'ended') return Promise.resolve(DONE);
    if (this.#state === 'failed') {
      // An error is told once; after it the stream has simply ended.
      this.#state = 'ended';
      return Promise.reject(this.#error);
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      if (this.#waiters.length === 1) this.#source.waiting(true);
    });
  }

  /**
   * Leaves the stream: waiting reads end, the Python generator is closed. Like the `return()` of a
   * local generator it resolves when the `finally` blocks have run.
   */
  async return(): Promise<IteratorResult<T, undefined>> {
    const wasOpen = this.#state === 'open';
    this.#state = 'ended';
    this.#dropBuffered();
    if (wasOpen) {
      this.#settleWaiters((waiter) => waiter.resolve(DONE));
      await this.#source.cancel();
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Items came from the producer. */
  push(items: readonly unknown[]): void {
    if (this.#state !== 'open' || items.length === 0) return;
    this.#batches.push(items);
    if (this.#waiters.length === 0) return;
    let batch = this.#batches[0];
    while (batch !== undefined && this.#waiters.length > 0) {
      this.#waiters.shift()?.resolve({ done: false, value: this.#take(batch) });
      batch = this.#batches[0];
    }
    if (this.#waiters.length === 0) this.#source.waiting(false);
    else this.#source.waiting(true);
  }

  /** The producer is done. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#settleWaiters((waiter) => waiter.resolve(DONE));
  }

  /** The producer failed; items that came before are still read first. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#error = error;
    this.#state = 'failed';
    const first = this.#waiters.shift();
    if (first === undefined) return;
    this.#state = 'ended';
    first.reject(error);
    this.#settleWaiters((waiter) => waiter.resolve(DONE));
  }

  /** Drops what is buffered, then fails: for a consumer that gave up itself. */
  abort(error: unknown): void {
    this.#dropBuffered();
    this.fail(error);
  }

  #dropBuffered(): void {
    this.#batches = [];
    this.#position = 0;
  }

  #take(batch: readonly unknown[]): T {
    const item = batch[this.#position] as T;
    this.#position += 1;
    if (this.#position === batch.length) {
      this.#batches.shift();
      this.#position = 0;
    }
    this.#taken += 1;
    if (this.#taken >= this.#batchSize) {
      const taken = this.#taken;
      this.#taken = 0;
      if (this.#state === 'open') this.#source.grant(taken);
    }
    return item;
  }

  #settleWaiters(settle: (waiter: Waiter<T>) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) settle(waiter);
  }
}

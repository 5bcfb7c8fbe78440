/**
 * Items of a stream that have come and were not read yet: gives credit back as they are taken.
 *
 * At most `window` items are on their way or waiting here at any time, so a consumer that reads
 * slowly stops the producer, and one that leaves cancels it. The window opens as items arrive and
 * turn out to be small: of large ones fewer are let in, so that a slow reader costs little memory.
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
  /** Whose `next()` it is: held by whoever fills the buffer for as long as that waits. */
  readonly reader: object | undefined;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Items a producer may send before anything is known of their size. */
const INITIAL_ITEMS = 16;
/** What may be on its way or buffered, in bytes on the wire, as far as sizes can be foreseen. */
const WINDOW_BYTES = 8 * 1024 * 1024;
/** The window of very large items: one is read while the next is made. */
const MIN_ITEMS = 2;

export class StreamBuffer<T = unknown> {
  readonly #source: StreamSource;
  readonly #maxWindow: number;
  /** Items that may be on their way, wait here, or have been taken since credit was last given. */
  #window: number;
  /** Items that came since the window last opened. */
  #arrived = 0;
  /** Size of an item, on the safe side: quick to rise, slow to fall. */
  #itemBytes = 0;
  #batches: (readonly unknown[])[] = [];
  /** Next item of the first batch. */
  #position = 0;
  #taken = 0;
  #waiters: Waiter<T>[] = [];
  #state: 'new' | 'open' | 'ended' | 'failed' = 'new';
  #error: unknown;

  /** @param window items that may be on their way or buffered at most; credit returns in halves */
  constructor(source: StreamSource, window: number) {
    this.#source = source;
    this.#maxWindow = window;
    this.#window = Math.min(INITIAL_ITEMS, window);
  }

  /** Items the producer may send without being granted any. */
  get initialCredit(): number {
    return Math.min(INITIAL_ITEMS, this.#maxWindow);
  }

  /** @param reader what must not be collected while it waits */
  next(reader?: object): Promise<IteratorResult<T, undefined>> {
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
      this.#waiters.push({ resolve, reject, reader });
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

  /** Items came from the producer. */
  push(items: readonly unknown[], payloadBytes = 0): void {
    if (this.#state !== 'open' || items.length === 0) return;
    this.#batches.push(items);
    this.#measure(items.length, payloadBytes);
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
    if (this.#taken >= Math.max(1, this.#window >> 1)) this.#giveBack();
    return item;
  }

  /** Opens the window, twofold at a time, while what arrives is small enough for a wider one. */
  #measure(items: number, payloadBytes: number): void {
    const itemBytes = payloadBytes / items;
    this.#itemBytes = Math.max(itemBytes, (this.#itemBytes + itemBytes) / 2);
    this.#arrived += items;
    const wanted = this.#wantedWindow();
    while (this.#window < wanted && this.#arrived >= this.#window >> 1) {
      this.#arrived -= this.#window >> 1;
      const wider = Math.min(wanted, this.#window * 2);
      this.#source.grant(wider - this.#window);
      this.#window = wider;
    }
  }

  /** Gives credit for what was taken, less by what makes the window too wide. */
  #giveBack(): void {
    const kept = Math.min(this.#taken, Math.max(0, this.#window - this.#wantedWindow()));
    const granted = this.#taken - kept;
    this.#taken = 0;
    this.#window -= kept;
    if (granted > 0 && this.#state === 'open') this.#source.grant(granted);
  }

  #wantedWindow(): number {
    const fitting = Math.floor(WINDOW_BYTES / Math.max(1, this.#itemBytes));
    return Math.min(this.#maxWindow, Math.max(MIN_ITEMS, fitting));
  }

  #settleWaiters(settle: (waiter: Waiter<T>) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) settle(waiter);
  }
}

/**
 * The consumer's end of a stream, and what becomes of one that nobody holds any more.
 *
 * Nothing but its consumer refers to it, and a read that waits: whoever fills the buffer knows the
 * buffer alone. So a stream that was left without `return()` is collected one day, and what runs for
 * it is stopped then.
 */
import type { StreamBuffer } from './stream-buffer.js';

const abandoned = new FinalizationRegistry<StreamBuffer>((buffer) => void buffer.return());

export class SynapseStream<T = unknown> implements AsyncIterableIterator<T> {
  readonly #buffer: StreamBuffer<T>;

  constructor(buffer: StreamBuffer<T>) {
    this.#buffer = buffer;
    abandoned.register(this, buffer);
  }

  /** The next item, when it is there. The method is called with the first. */
  next(): Promise<IteratorResult<T, undefined>> {
    return this.#buffer.next(this);
  }

  /**
   * Leaves the stream: waiting reads end, the Python generator is closed. Like the `return()` of a
   * local generator it resolves when the `finally` blocks have run.
   */
  return(): Promise<IteratorResult<T, undefined>> {
    return this.#buffer.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

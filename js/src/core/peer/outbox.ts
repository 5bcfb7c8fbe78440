/**
 * Messages on their way out: written one after another, handed to the transport together, once a turn.
 * Of many that are written in one turn the first leave before, so that the other end is at work on
 * them while this end encodes the rest. Segments are lent by whoever sends them, so a message with some of them leaves at once.
 */
import { MessageWriter } from '../protocol/messages.js';
import type { Transport } from '../transport.js';

/** Bytes written in one turn, not yet handed on, above which an outbox calls itself congested. */
const MAX_UNFLUSHED_BYTES = 1024 * 1024;

/**
 * So many messages are enough to leave before the turn is over: as many as a worker gathers answers, and
 * a write is little to that. In parts of 16, a burst of 64 calls is answered by a quarter faster.
 */
const MESSAGES_IN_PART = 16;

/** Nobody waits for a segment to be gone. */
const SENT = (): void => undefined;

/** The calls and streams whose messages leave here. */
export interface Issued {
  readonly lastId: number;
}

export class Outbox {
  /** What is written here leaves after `flushSoon`. */
  writer: MessageWriter;
  readonly #transport: Transport;
  readonly #issued: Issued;
  /** The turn's last flush is on its way. */
  #deferred = false;
  /** How many messages wait to be flushed. */
  #waiting = 0;
  /** The last id that has been handed to the transport. */
  #flushedId = 0;
  #undeliveredFrom = Number.POSITIVE_INFINITY;

  constructor(transport: Transport, issued: Issued, maxFrameBytes: number) {
    this.#transport = transport;
    this.#issued = issued;
    this.writer = new MessageWriter({ maxFrameBytes });
  }

  /** Whether the other end is slow to take what was written. */
  get congested(): boolean {
    return this.writer.pendingBytes >= MAX_UNFLUSHED_BYTES || this.#transport.congested;
  }

  /** Whether it is certain that the other end never got the call or stream with this id. */
  undelivered(id: number): boolean {
    return id >= this.#undeliveredFrom;
  }

  /** From now on writes nothing larger than the other end takes. */
  limitTo(maxFrameBytes: number): void {
    if (maxFrameBytes >= this.writer.maxFrameBytes) return;
    this.flush(); // what waits was written before
    this.writer = new MessageWriter({ maxFrameBytes });
  }

  /** A message was written: it leaves with others, at the latest when the work at hand is done. */
  flushSoon(): void {
    this.#waiting += 1;
    // What follows segments comes behind them.
    if (this.#waiting === MESSAGES_IN_PART || this.writer.holdsSegments) {
      this.flush();
    } else if (!this.#deferred) {
      this.#deferred = true;
      this.#transport.defer(this.#flushDeferred);
    }
  }

  flush(): void {
    this.#waiting = 0;
    if (this.writer.pendingBytes === 0) return;
    const { writer } = this;
    const bytes = writer.take();
    const firstId = this.#flushedId + 1;
    this.#flushedId = this.#issued.lastId;
    this.#transport.send(bytes, (undelivered) => {
      writer.release(bytes);
      if (undelivered && firstId < this.#undeliveredFrom) this.#undeliveredFrom = firstId;
    });
    for (const segment of writer.takeSegments()) this.#transport.send(segment, SENT);
  }

  readonly #flushDeferred = (): void => {
    this.#deferred = false;
    this.flush();
  };
}

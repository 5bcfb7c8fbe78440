/**
 * Messages on their way out: written one after another, handed to the transport together, once a turn.
 * Of many that are written in one turn the first leave before it is over. Segments are lent by whoever
 * sends them, so a message with some of them leaves at once.
 */
import type { MessageWriter } from '../protocol/messages.js';
import type { Transport } from '../transport.js';

/** Bytes written in one turn, not yet handed on, above which an outbox calls itself congested. */
const MAX_UNFLUSHED_BYTES = 1_048_576;

/**
 * So many messages are enough to leave before the turn is over, as a worker gathers so many answers: it is
 * at work on the first of a burst while this end encodes the others. A write is little to that.
 */
const MESSAGES_IN_PART = 16;

/** Sends messages, the last of them with segments. */
export type SendSegments = (
  transport: Transport,
  bytes: Uint8Array,
  writer: MessageWriter,
  sent: (undelivered: boolean) => void,
) => void;

/** The calls and streams whose messages leave here. */
export interface Issued {
  readonly lastId: number;
}

export class Outbox {
  /** What is written here leaves after `flushSoon`. */
  writer: MessageWriter;
  readonly #transport: Transport;
  readonly #issued: Issued;
  readonly #sendSegments: SendSegments | undefined;
  readonly #newWriter: (maxFrameBytes: number) => MessageWriter;
  /** The turn's last flush is on its way. */
  #deferred = false;
  /** How many messages wait to be flushed. */
  #waiting = 0;
  /** The last id that has been handed to the transport. */
  #flushedId = 0;
  #undeliveredFrom = Number.POSITIVE_INFINITY;

  constructor(
    transport: Transport,
    issued: Issued,
    maxFrameBytes: number,
    newWriter: (maxFrameBytes: number) => MessageWriter,
    sendSegments?: SendSegments,
  ) {
    this.#sendSegments = sendSegments;
    this.#transport = transport;
    this.#issued = issued;
    this.#newWriter = newWriter;
    this.writer = newWriter(maxFrameBytes);
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
    this.writer = this.#newWriter(maxFrameBytes);
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
    const sent = (undelivered: boolean): void => {
      writer.release(bytes);
      if (undelivered && firstId < this.#undeliveredFrom) this.#undeliveredFrom = firstId;
    };
    if (writer.holdsSegments) this.#sendSegments!(this.#transport, bytes, writer, sent);
    else this.#transport.send(bytes, sent);
  }

  readonly #flushDeferred = (): void => {
    this.#deferred = false;
    this.flush();
  };
}

/**
 * A raw connection: one MessagePack value a frame, no ids, one request in flight, replies in order
 * (docs/protocol.md, "Raw dialect"). Unmodified scripts of the original `hq-synapse` speak it.
 */
import { ClosedError } from '../errors.js';
import { ALL_EXTENSIONS } from '../protocol/codec/all-extensions.js';
import { decodeValue } from '../protocol/codec/decode.js';
import type { EncodedParts } from '../protocol/encoded-parts.js';
import { ProtocolError, SynapseError } from '../protocol/errors.js';
import { FrameDecoder } from '../protocol/frames.js';
import * as limits from '../protocol/limits.js';
import { AnswerWriter } from '../protocol/messages.js';
import type { Transport } from '../transport.js';
import { sendSegments } from './lent-segments.js';
import type { CallSink } from './sinks.js';

export interface RawPeerEvents {
  readonly onDrain?: () => void;
  /** What has arrived ends within a frame. Told often: with each chunk of a large one. */
  readonly onPartialFrame?: () => void;
  readonly onClosed?: (reason: SynapseError) => void;
}

export class RawPeer {
  readonly #transport: Transport;
  readonly #events: RawPeerEvents;
  readonly #writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });
  readonly #decoder: FrameDecoder;
  #sink: CallSink | null = null;
  /** Bytes that have arrived are being looked at: what they hold answers no later request. */
  #feeding = false;
  #receivedBytes = 0;
  #sentBytes = 0;
  #requestStart = 0;
  #undelivered = false;
  #closed = false;

  constructor(
    transport: Transport,
    events: RawPeerEvents = {},
    maxFrameBytes: number = limits.maxFrameBytes,
  ) {
    this.#transport = transport;
    this.#events = events;
    this.#decoder = new FrameDecoder(maxFrameBytes);
    transport.open({
      onBytes: (chunk) => this.#receive(chunk),
      vacancy: () => this.#decoder.vacancy,
      onDrain: () => this.#events.onDrain?.(),
      onClose: (error) => this.#lose(error),
    });
  }

  /** All bytes that have come so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** How many of the last of them are of a frame that is not whole. */
  get unfinishedBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  get congested(): boolean {
    return this.#transport.congested;
  }

  /** Whether the next request has to wait; `onDrain` tells when it no longer has. */
  get busy(): boolean {
    return this.#sink !== null || this.#feeding;
  }

  /** Where the request in flight starts, in bytes of everything sent: tells if it was ever begun. */
  get requestStart(): number {
    return this.#requestStart;
  }

  /** Whether it is certain that the script never got the request in flight. */
  get undelivered(): boolean {
    return this.#undelivered;
  }

  /** Sends one request. @throws {EncodeError} and sends nothing of it. */
  request(input: unknown, sink: CallSink): void {
    this.#checkRoom();
    this.#writer.raw(input);
    const bytes = this.#writer.take();
    this.#begin(sink, bytes.byteLength);
    this.#transport.send(bytes, this.#sent(bytes));
  }

  /** As `request`, of an input that is encoded already. */
  encodedRequest(input: EncodedParts, sink: CallSink): void {
    this.#checkRoom();
    this.#writer.encodedRaw(input);
    const bytes = this.#writer.take();
    this.#begin(sink, bytes.byteLength + input.bytes);
    sendSegments(this.#transport, bytes, this.#writer, this.#sent(bytes));
  }

  #checkRoom(): void {
    if (this.#closed) throw new ClosedError('The connection is closed.');
    if (this.busy) throw new Error('A raw connection takes one request at a time.');
  }

  #begin(sink: CallSink, bytes: number): void {
    this.#sink = sink;
    this.#requestStart = this.#sentBytes;
    this.#sentBytes += bytes;
    this.#undelivered = false;
  }

  #sent(bytes: Uint8Array): (undelivered: boolean) => void {
    return (undelivered) => {
      this.#writer.release(bytes);
      this.#undelivered = undelivered;
    };
  }

  /** Says that no more requests will come: the script reads end of file. */
  drain(): void {
    this.#transport.end();
  }

  close(reason: SynapseError = new ClosedError('The connection was closed.')): void {
    this.#shut(reason);
    this.#transport.destroy();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#receivedBytes += chunk.length;
    const asked = this.#sink !== null;
    this.#feeding = true;
    try {
      this.#decoder.feed(chunk, this.#onPayload);
      if (this.#sink === null && this.#decoder.bufferedBytes > 0) throw unasked();
    } catch (error) {
      this.#shut(SynapseError.is(error) ? error : new ProtocolError(String(error)));
      this.#transport.end();
    } finally {
      this.#feeding = false;
    }
    if (!this.#closed && this.#decoder.bufferedBytes > 0) this.#events.onPartialFrame?.();
    // The request that was answered made room for the next.
    if (asked && this.#sink === null && !this.#closed) this.#events.onDrain?.();
  }

  readonly #onPayload = (payload: Uint8Array): void => {
    const sink = this.#sink;
    // Whose reply it is, and whose the next one will be, cannot be known any more.
    if (sink === null) throw unasked();
    let value: unknown;
    try {
      value = decodeValue(payload);
    } catch (error) {
      this.#sink = null;
      sink.onError(SynapseError.is(error) ? error : new ProtocolError(String(error)));
      return;
    }
    this.#sink = null;
    sink.onResult(value, false);
  };

  #lose(error: Error | undefined): void {
    if (this.#closed) return;
    try {
      this.#decoder.end();
      this.#shut(new ClosedError('The script closed its channel.', error));
    } catch (truncated) {
      this.#shut(truncated as SynapseError);
    }
  }

  #shut(reason: SynapseError): void {
    if (this.#closed) return;
    this.#closed = true;
    const sink = this.#sink;
    this.#sink = null;
    sink?.onLost(reason);
    this.#events.onClosed?.(reason);
  }
}

function unasked(): ProtocolError {
  return new ProtocolError(
    'The script sent a message that no request had asked for. It has to answer each request with exactly one reply.',
  );
}

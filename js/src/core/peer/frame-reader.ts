/**
 * Messages on their way in: what a transport delivers, cut into frames and decoded, in order. Small ones
 * are decoded as they come, large ones in slices.
 */
import { FrameDecoder, type OnPayload } from '../protocol/frames.js';
import { type Known, type Message, readMessage } from '../protocol/messages.js';
import { SLICED_BYTES } from '../protocol/sliced-message.js';
import type { Transport } from '../transport.js';
import type { Abilities } from './abilities.js';
import type { SlicedReception } from './sliced-reception.js';

/** Whoever the messages are for. */
export interface MessageReceiver {
  message(message: Message, payloadBytes: number): void;
  /** What has arrived ends within a frame. Told often: with each chunk of a large one. */
  partialFrame(): void;
  /** Bytes, or what the receiver said to a message, have broken the protocol. */
  broken(error: unknown): void;
}

/** How messages are decoded. */
export interface Decoding {
  readonly known: Known;
  readonly slices: Abilities['slices'];
  readonly segments: Abilities['segments'];
}

export class FrameReader {
  readonly #known: Known;
  readonly #receiver: MessageReceiver;
  readonly #decoder: FrameDecoder;
  /** Messages that are too large for one turn. */
  readonly #slices: SlicedReception | undefined;
  readonly #segments: Abilities['segments'];
  #receivedBytes = 0;
  #closed = false;

  constructor(
    transport: Transport,
    maxFrameBytes: number,
    { known, slices, segments }: Decoding,
    receiver: MessageReceiver,
  ) {
    this.#known = known;
    this.#receiver = receiver;
    this.#segments = segments;
    this.#decoder = segments?.decoder(maxFrameBytes, transport) ?? new FrameDecoder(maxFrameBytes);
    this.#slices = slices?.(transport, known.extensions, {
      ...receiver,
      payload: ({ payload, segments }) => this.#onPayload(payload, true, segments),
      resumed: () => this.#lookForPartialFrame(),
    });
  }

  /** All bytes that have come so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** How many of the last of them are of a frame that is not whole. */
  get unfinishedBytes(): number {
    return this.#slices?.busy ? 0 : this.#decoder.bufferedBytes;
  }

  /** Where the next bytes belong, while a large frame is on its way. */
  get vacancy(): Uint8Array | undefined {
    return this.#decoder.vacancy;
  }

  /** Takes what the transport delivers. */
  feed(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#receivedBytes += chunk.length;
    try {
      this.#decoder.feed(chunk, this.#onPayload);
    } catch (error) {
      this.#slices?.finish(); // what came before it was in order
      this.#receiver.broken(error);
      return;
    }
    this.#lookForPartialFrame();
  }

  /** Decodes and hands on all that has come, now. */
  finish(): void {
    this.#slices?.finish();
  }

  /** Accepts the end of what the transport delivers. @throws FrameError `FRAME_TRUNCATED` */
  end(): void {
    this.finish();
    this.#decoder.end();
  }

  /** Forgets what has come, and hands on nothing more. */
  close(): void {
    this.#closed = true;
    this.#slices?.drop();
  }

  /** A frame that has begun must go on; while the transport rests it cannot. */
  #lookForPartialFrame(): void {
    if (this.unfinishedBytes > 0) this.#receiver.partialFrame();
  }

  readonly #onPayload: OnPayload = (payload, owned, segments) => {
    if (this.#closed) return;
    const slices = this.#slices;
    if (
      (segments || payload.length >= SLICED_BYTES || slices?.busy) &&
      slices?.take(payload, owned, segments)
    ) {
      return;
    }
    const arrived = segments && this.#segments?.arrived(segments);
    this.#receiver.message(readMessage(payload, this.#known, arrived), payload.length);
  };
}

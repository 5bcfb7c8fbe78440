// Frames: length-delimited bytes on a transport. They know nothing of what they carry.
// Implements the section "Frames" of docs/protocol.md.
//
//   offset  size  field
//   0       4     length of the payload, unsigned, little-endian
//   4       n     payload
//
// A frame with segments is a longer one: see `segments`.

import { FrameError } from './errors.js';
import * as limits from './limits.js';
import type { SegmentRooms, Segments } from './segments.js';

export const LENGTH_BYTES = 4;

/**
 * Receives one payload. An owned one may be kept; another is a view on the chunk that was fed, which the
 * transport may reuse, so it is valid only during the call. Segments, where some came with it, are owned.
 */
export type OnPayload = (payload: Uint8Array, owned: boolean, segments?: Segments) => void;

/** Gives the parts of a frame with segments the memory they belong into, one after another. */
export type RoomsOf = (payloadBytes: number, maxFrameBytes: number) => SegmentRooms;

/**
 * Returns `payload` with its length in front.
 *
 * @throws FrameError when it is larger than a frame may be.
 */
export function encodeFrame(payload: Uint8Array, maxFrameBytes = limits.maxFrameBytes): Uint8Array {
  checkFrameSize(payload.length, maxFrameBytes);
  const frame = new Uint8Array(LENGTH_BYTES + payload.length);
  writeLength(frame, 0, payload.length);
  frame.set(payload, LENGTH_BYTES);
  return frame;
}

/** Writes the length of a payload in front of it. */
export function writeLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 24;
}

/**
 * Refuses a payload that is over the limit.
 *
 * @throws FrameError `FRAME_TOO_LARGE`
 */
export function checkFrameSize(size: number, maxFrameBytes: number): void {
  if (size > maxFrameBytes) {
    throw new FrameError(
      'FRAME_TOO_LARGE',
      `A frame of ${size} bytes exceeds the limit of ${maxFrameBytes} bytes. Send the data in parts ` +
        '(a stream), or raise the limit at both ends (maxFrameBytes).',
      { details: { size, limit: maxFrameBytes } },
    );
  }
}

/**
 * Cuts a stream of bytes into payloads, in linear time whatever the sizes of the chunks.
 *
 * A length is checked before room for it is made. A frame that is spread over several chunks is collected
 * in a buffer of exactly its size. After a `FrameError` the stream has lost its meaning: drop the connection.
 */
export class FrameDecoder {
  protected readonly maxFrameBytes: number;
  /** The bytes of a length prefix that was cut, and how many of them have come. */
  readonly #head = new Uint8Array(LENGTH_BYTES);
  #headBytes = 0;
  /** What is being collected, if something is: a payload, or a part of what is more than that. */
  protected partial: Uint8Array | undefined;
  protected filled = 0;
  /** Bytes of the frame before it. */
  protected earlier = LENGTH_BYTES;

  constructor(maxFrameBytes: number = limits.maxFrameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Bytes received of the frame that is not complete yet, its length prefix included. */
  get bufferedBytes(): number {
    return this.partial === undefined ? this.#headBytes : this.earlier + this.filled;
  }

  /** What is still to be filled of what is being collected: a chunk that was read into the start of it stays there. */
  get vacancy(): Uint8Array | undefined {
    return this.partial?.subarray(this.filled);
  }

  /**
   * Hands the payloads that `chunk` completes to `onPayload`, in order.
   *
   * @throws FrameError `FRAME_TOO_LARGE`
   */
  feed(chunk: Uint8Array, onPayload: OnPayload): void {
    let position = this.partial === undefined ? 0 : this.fill(chunk, 0, onPayload);
    while (position < chunk.length) {
      if (this.#headBytes > 0 || chunk.length - position < LENGTH_BYTES) {
        while (this.#headBytes < LENGTH_BYTES && position < chunk.length) {
          this.#head[this.#headBytes++] = chunk[position++]!;
        }
        if (this.#headBytes < LENGTH_BYTES) {
          return;
        }
        this.#headBytes = 0;
        position = this.#take(readLength(this.#head, 0), chunk, position, onPayload);
      } else {
        const length = readLength(chunk, position);
        position = this.#take(length, chunk, position + LENGTH_BYTES, onPayload);
      }
    }
  }

  /** Takes a payload from `start` on, or begins to collect it; returns where reading goes on. */
  #take(length: number, chunk: Uint8Array, start: number, onPayload: OnPayload): number {
    if (length > this.maxFrameBytes) {
      return this.takeLonger(length, chunk, start, onPayload);
    }
    if (length <= chunk.length - start) {
      onPayload(chunk.subarray(start, start + length), false);
      return start + length;
    }
    this.partial = new Uint8Array(length); // zeroed lazily by the system: an empty claim costs no memory
    this.filled = 0;
    return this.fill(chunk, start, onPayload);
  }

  /** Takes what is too long for a frame. @throws FrameError `FRAME_TOO_LARGE` */
  protected takeLonger(
    length: number,
    _chunk: Uint8Array,
    start: number,
    _onPayload: OnPayload,
  ): number {
    checkFrameSize(length, this.maxFrameBytes);
    return start;
  }

  /** What was collected is whole. */
  protected completed(whole: Uint8Array, onPayload: OnPayload): void {
    this.partial = undefined;
    onPayload(whole, true);
  }

  /** Adds to what was begun; returns where the next frame starts. */
  protected fill(chunk: Uint8Array, start: number, onPayload: OnPayload): number {
    let position = start;
    while (this.partial !== undefined) {
      const partial = this.partial;
      const count = Math.min(partial.length - this.filled, chunk.length - position);
      const isInPlace = chunk.buffer === partial.buffer; // it was read into `vacancy`
      if (!isInPlace) partial.set(chunk.subarray(position, position + count), this.filled);
      this.filled += count;
      position += count;
      if (this.filled < partial.length) break;
      this.completed(partial, onPayload);
    }
    return position;
  }

  /**
   * Accepts the end of the stream.
   *
   * @throws FrameError `FRAME_TRUNCATED` when it came in the middle of a frame.
   */
  end(): void {
    const received = this.bufferedBytes;
    if (received > 0) {
      throw new FrameError(
        'FRAME_TRUNCATED',
        `The stream ended inside a frame: ${received} bytes of ${this.expected()} had arrived. ` +
          'The other end died or closed while it was writing.',
        { details: { received } },
      );
    }
  }

  /** How much there is of the frame that has come in part, as far as that is known. */
  protected expected(): string {
    return this.partial === undefined
      ? 'its length'
      : `${this.earlier + this.partial.length} bytes`;
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

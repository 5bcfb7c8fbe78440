// What travels behind the frame instead of in it: large bytes and arrays (extension 5).
// Implements "Segments" in the section "Values" of docs/protocol.md. Within the value stands
//
//   offset  size  field
//   0       4     number of the segment, from 0 on, unsigned, little-endian
//   4       …     for an array what precedes its numbers in extension 2; for bytes nothing

import * as limits from '../limits.js';
import { segmentTable } from '../segments.js';
import { DecodeError } from '../value-errors.js';
import { arrayFromHeader } from './arrays.js';
import type { NdArray } from './nd-array.js';
import { tagOf } from './refusals.js';

export const EXT_SEGMENT = 5;

/** Bytes of the number of a segment. */
export const SEGMENT_NUMBER_BYTES = 4;

/** Collects the segments of the value that is being written. */
export class OutgoingSegments {
  #buffers: Uint8Array[] = [];

  get buffers(): readonly Uint8Array[] {
    return this.#buffers;
  }

  /** What stands between the value's frame and these. @throws FrameError `FRAME_TOO_LARGE` */
  table(maxFrameBytes: number): Uint8Array {
    return segmentTable(this.#buffers, maxFrameBytes);
  }

  /** Whether these bytes had better travel as a segment, and may: nobody else writes to them or takes them away. */
  takes(bytes: Uint8Array): boolean {
    return (
      bytes.length >= limits.minSegmentBytes &&
      this.#buffers.length < limits.maxSegments &&
      isPlain(bytes.buffer)
    );
  }

  /** Returns the number of a new segment. */
  add(bytes: Uint8Array): number {
    return this.#buffers.push(bytes) - 1;
  }

  /** Keeps what was collected as it is now, whatever becomes of the memory it stands in. */
  copy(): void {
    this.#buffers = this.#buffers.map((buffer) => new Uint8Array(buffer));
  }

  /** Hands out what was collected. */
  take(): readonly Uint8Array[] {
    const taken = this.#buffers;
    if (taken.length > 0) this.#buffers = [];
    return taken;
  }
}

/** Memory shared with other threads may change while it is sent, and resizable memory go. */
function isPlain(buffer: ArrayBufferLike & { readonly resizable?: boolean }): boolean {
  return tagOf(buffer) === 'ArrayBuffer' && buffer.resizable !== true;
}

/** What a reference is said to be that no segment answers to. */
export function noSuchSegment(length: number): string {
  return `a reference of ${length} bytes to a segment that is not there, or not any more`;
}

/** Gives the segments that came with a value to the places that refer to them, each once. */
export class ArrivedSegments {
  readonly #left: Map<number, Uint8Array<ArrayBuffer>>;

  constructor(segments: readonly Uint8Array<ArrayBuffer>[]) {
    this.#left = new Map(segments.entries());
  }

  /** Returns the bytes or the array that an extension's data refer to, or what the data are instead. */
  fromPayload(buffer: ArrayBufferLike, at: number, length: number): Uint8Array | NdArray | string {
    const number =
      length < SEGMENT_NUMBER_BYTES ? -1 : new DataView(buffer, at, length).getUint32(0, true);
    const segment = this.#left.get(number);
    if (segment === undefined) {
      return noSuchSegment(length);
    }
    this.#left.delete(number);
    return length === SEGMENT_NUMBER_BYTES
      ? segment
      : arrayFromHeader(
          new DataView(buffer, at + SEGMENT_NUMBER_BYTES, length - SEGMENT_NUMBER_BYTES),
          segment,
        );
  }

  /** @throws DecodeError when the value did not refer to each. */
  checkAllTaken(): void {
    if (this.#left.size > 0) {
      throw new DecodeError(
        `The value refers to none of ${this.#left.size} segments it came with.`,
      );
    }
  }
}

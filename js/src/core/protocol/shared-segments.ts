// Segments in memory that both ends have open: only how many bytes of them lie there travels with the frame.
// Implements "Segments in shared memory" of docs/protocol.md. The segments stand in the memory one after another;
// behind the frame come numbers of four bytes, each when as many bytes more of the current segment lie there, so that
// one end reads while the other still writes.

import { ProtocolError } from './error-classes.js';
import * as limits from './limits.js';

/** Where the first segment lies; the byte at 0 says whether the memory is free. */
const FIRST_SHARED_BYTE = 4096;
/** Each segment begins at a multiple of it: copies of bytes that lie askew take several times as long. */
const SHARED_ALIGNMENT = 64;
/** Most that one number tells of when we write it. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Pieces that are taken at a time: to fill fresh memory is work for more than one processor. */
const LANES = 2;

const NUMBER_BYTES = 4;

/** The memory that segments come through. */
export interface SharedSource {
  /** How many bytes have been asked of it so far. */
  readonly askedBytes: number;
  /** Fills `into` with what lies from `at` on. */
  take(into: Uint8Array, at: number): Promise<void>;
  /** As `take`, here and now. @throws when it cannot be read */
  takeNow(into: Uint8Array, at: number): void;
  /** All has been taken: the other end may write again. */
  release(): void;
}

/** A part of a segment, where it goes in shared memory, and the number that tells of it. */
export interface SharedPiece {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly number: Uint8Array;
}

/** Segments on their way out of shared memory. */
export class Arrival {
  readonly #source: SharedSource;
  readonly #pieces: { readonly into: Uint8Array; readonly at: number }[] = [];
  /** What is taken one after another; as many pieces at a time as there are of these. */
  readonly #lanes = Array.from({ length: LANES }, () => Promise.resolve());

  constructor(source: SharedSource) {
    this.#source = source;
  }

  /** A piece lies in the memory. */
  begin(into: Uint8Array, at: number): void {
    const lane = this.#pieces.push({ into, at }) % LANES;
    const taken = this.#lanes[lane]!.then(() => this.#source.take(into, at));
    taken.catch(() => undefined); // whoever waits for all of them is told
    this.#lanes[lane] = taken;
  }

  /** Resolves when all has been taken, and the memory is free again. */
  async end(): Promise<void> {
    await Promise.all(this.#lanes);
    this.#source.release();
  }

  /** Takes all here and now: the other end has gone, and what it sent counts. */
  endNow(): void {
    for (const { into, at } of this.#pieces) this.#source.takeNow(into, at);
  }
}

/** Returns where the last of the segments would end in shared memory; undefined if they had better not go there. */
export function sharedEnd(segments: readonly Uint8Array[]): number | undefined {
  const size = segments.reduce((total, { length }) => total + length, 0);
  if (size < limits.minSharedBytes || size > limits.maxSharedBytes) return undefined;
  let end = FIRST_SHARED_BYTE;
  for (const { length } of segments) end = aligned(end) + length;
  return end;
}

/** Gives the pieces that segments are put into shared memory in. */
export function* piecesOf(segments: readonly Uint8Array[]): Generator<SharedPiece> {
  let at = FIRST_SHARED_BYTE;
  for (const segment of segments) {
    for (let start = 0; start < segment.length; start += PIECE_BYTES) {
      const bytes = segment.subarray(start, start + PIECE_BYTES);
      const number = new Uint8Array(NUMBER_BYTES);
      viewOf(number).setUint32(0, bytes.length, true);
      yield { bytes, at: at + start, number };
    }
    at = aligned(at + segment.length);
  }
}

/** Marks a frame, by what ends with the table of its segments: they lie in shared memory. */
export function markAsShared(frameEnd: Uint8Array, segments: number): void {
  frameEnd[frameEnd.length - NUMBER_BYTES * segments - 1]! |= 0x80;
}

/**
 * Gives room for each number that comes, and begins to fill `segments` with what it tells of.
 *
 * @throws ProtocolError when a number is none that can be
 */
export function* sharedRooms(
  segments: readonly Uint8Array[],
  source: SharedSource,
): Generator<Uint8Array, Arrival, void> {
  const arrival = new Arrival(source);
  let at = FIRST_SHARED_BYTE;
  for (const segment of segments) {
    for (let filled = 0; filled < segment.length; ) {
      const number = new Uint8Array(NUMBER_BYTES);
      yield number;
      const count = viewOf(number).getUint32(0, true);
      if (count === 0 || count > segment.length - filled) {
        throw new ProtocolError(
          `${count} bytes of a segment are said to lie in shared memory; 1 to ${segment.length - filled} can.`,
        );
      }
      arrival.begin(segment.subarray(filled, filled + count), at + filled);
      filled += count;
    }
    at = aligned(at + segment.length);
  }
  return arrival;
}

function aligned(at: number): number {
  return Math.ceil(at / SHARED_ALIGNMENT) * SHARED_ALIGNMENT;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset);
}

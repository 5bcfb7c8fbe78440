// Segments in memory that both ends have open: only how many bytes of them lie there travels with the frame.
// Implements "Segments in shared memory" of docs/protocol.md. The segments stand in the memory one after another;
// behind the frame come numbers of four bytes, each when as many bytes more of the current segment lie there, so that
// one end reads while the other still writes.

import { ProtocolError } from './error-classes.js';
import * as limits from './limits.js';

/** Where the first segment lies; the byte at 0 says whether the memory is free. */
export const FIRST_SHARED_BYTE = 4096;
/** Each segment begins at a multiple of it: copies of bytes that lie askew take several times as long. */
const SHARED_ALIGNMENT = 64;
/** Most that one number tells of when we write it: small, so that the other end soon has something to read. */
const PIECE_BYTES = 512 * 1024;

/** Pieces that are taken at a time: to fill fresh memory is work for more than one processor. */
const LANES = 2;
/** What is taken in one turn of the event loop where the threads have no time. */
const STEP_BYTES = 1024 * 1024;

const NUMBER_BYTES = 4;

/** Memory that is about to be filled whole; what stands in it before that nobody sees. */
export type Allocate = (bytes: number) => Uint8Array<ArrayBuffer>;

/** The memory that segments come through. */
export interface SharedSource {
  /** How many bytes have been asked of it so far. */
  readonly askedBytes: number;
  /**
   * Fills `into` with what lies from `at` on, a large piece by a thread. False when those have no time: then it is filled
   * at any time later, and must not be used.
   */
  take(into: Uint8Array, at: number): Promise<boolean>;
  /** Fills `into` here and now. @throws when it cannot be read */
  takeNow(into: Uint8Array, at: number): void;
  /** Resolves in a later turn, when other work has had its own. */
  later(): Promise<void>;
  /** All has been taken: the other end may write again. */
  release(): void;
}

/** A part of a segment, where it goes in shared memory, and the number that tells of it. */
export interface SharedPiece {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly at: number;
  readonly number: Uint8Array;
}

interface ArrivingPiece {
  readonly into: Uint8Array;
  readonly at: number;
  isTaken: boolean;
}

/** A segment on its way: where it begins in shared memory, and what has been told of it. */
interface ArrivingSegment {
  readonly at: number;
  readonly pieces: ArrivingPiece[];
}

/** Segments on their way out of shared memory. */
export class Arrival {
  readonly #segments: Uint8Array<ArrayBuffer>[];
  readonly #allocate: Allocate;
  readonly #source: SharedSource;
  readonly #arriving: ArrivingSegment[] = [];
  /** What is taken one after another; as many pieces at a time as there are of these. */
  readonly #lanes = Array.from({ length: LANES }, () => Promise.resolve());
  #pieces = 0;
  #threadsAreBusy = false;

  /** @param segments their memory, all in order; another takes the place of one that was not filled in time */
  constructor(segments: Uint8Array<ArrayBuffer>[], allocate: Allocate, source: SharedSource) {
    this.#segments = segments;
    this.#allocate = allocate;
    this.#source = source;
  }

  /** The next segment lies at `at`. */
  beginSegment(at: number): void {
    this.#arriving.push({ at, pieces: [] });
  }

  /** A piece of it lies in the memory. */
  beginPiece(into: Uint8Array, at: number): void {
    const piece = { into, at, isTaken: false };
    this.#arriving.at(-1)!.pieces.push(piece);
    const lane = this.#pieces++ % LANES;
    const taken = this.#lanes[lane]!.then(() => this.#take(piece));
    taken.catch(() => undefined); // whoever waits for all of them is told
    this.#lanes[lane] = taken;
  }

  /** Resolves when all has been taken, and the memory is free again. */
  async end(): Promise<void> {
    await Promise.all(this.#lanes);
    for (const _step of this.#takeRest()) await this.#source.later();
    this.#source.release();
  }

  /** Takes here and now what has not been: the other end has gone, and what it sent counts. */
  endNow(): void {
    for (const _step of this.#takeRest());
  }

  async #take(piece: ArrivingPiece): Promise<void> {
    if (this.#threadsAreBusy) return;
    piece.isTaken = await this.#source.take(piece.into, piece.at);
    this.#threadsAreBusy ||= !piece.isTaken;
  }

  /** Takes what has not been taken, in steps, to other memory: a thread may still write to that which was meant for it. */
  *#takeRest(): Generator<void> {
    for (const [index, { at, pieces }] of this.#arriving.entries()) {
      if (pieces.every(({ isTaken }) => isTaken)) continue;
      const segment = this.#allocate(this.#segments[index]!.length);
      for (let taken = 0; taken < segment.length; taken += STEP_BYTES) {
        this.#source.takeNow(segment.subarray(taken, taken + STEP_BYTES), at + taken);
        yield;
      }
      this.#segments[index] = segment;
    }
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

/** Returns the pieces that segments are put into shared memory in. */
export function piecesOf(segments: readonly Uint8Array[]): SharedPiece[] {
  const pieces: SharedPiece[] = [];
  let at = FIRST_SHARED_BYTE;
  for (const segment of segments) {
    for (let start = 0; start < segment.length; start += PIECE_BYTES) {
      const bytes = segment.subarray(start, start + PIECE_BYTES);
      const number = new Uint8Array(NUMBER_BYTES);
      viewOf(number).setUint32(0, bytes.length, true);
      pieces.push({ bytes, size: bytes.length, at: at + start, number });
    }
    at = aligned(at + segment.length);
  }
  return pieces;
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
  segments: Uint8Array<ArrayBuffer>[],
  allocate: Allocate,
  source: SharedSource,
): Generator<Uint8Array, Arrival, void> {
  const arrival = new Arrival(segments, allocate, source);
  let at = FIRST_SHARED_BYTE;
  for (const segment of [...segments]) {
    arrival.beginSegment(at);
    for (let filled = 0; filled < segment.length; ) {
      const number = new Uint8Array(NUMBER_BYTES);
      yield number;
      const count = viewOf(number).getUint32(0, true);
      const left = segment.length - filled;
      if (count > left || count < Math.min(left, limits.minPieceBytes)) {
        throw new ProtocolError(
          `${count} bytes of a segment are said to lie in shared memory, of which ${left} are left.`,
        );
      }
      arrival.beginPiece(segment.subarray(filled, filled + count), at + filled);
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

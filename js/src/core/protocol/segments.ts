// Large buffers that travel behind a frame as they are: not encoded, and copied nowhere on the way.
// Implements the section "Segments" of docs/protocol.md. What refers to them from within the payload is the
// codec's business.
//
//   offset    size  field
//   0         4     length n of the payload, plus 2^31
//   4         n     payload
//   4+n       4     number s of the segments, from 1 on
//   8+n       4 s   length of each segment
//   8+n+4s    …     the segments, one after another
//
// With 2^31 added to their number they lie in memory that both ends have open: see `shared-segments`.

import { FrameError, ProtocolError } from './error-classes.js';
import * as limits from './limits.js';
import { type Allocate, type Arrival, type SharedSource, sharedRooms } from './shared-segments.js';

/** Added to a frame's length: segments follow. No end that takes larger frames offers to read them. */
export const SEGMENTED = 0x8000_0000;

/** Added to the number of a frame's segments: they lie in shared memory. */
const IN_SHARED_MEMORY = 0x8000_0000;

const NUMBER_BYTES = 4;

/**
 * From here on a segment is better written by itself than together with its frame, which wakes the other end once
 * more: it begins a page of the pipe then. The kernel copies a MiB in 60 µs where both ends of the copy are 16 bytes
 * apart from one another or a multiple, and in 270 to 390 where they are not (measured).
 */
export const ALIGNED_FROM_BYTES = 262_144;

/** A payload and the segments that came with it, each in memory of its own. */
export interface SegmentedPayload {
  readonly payload: Uint8Array;
  readonly segments: Segments;
}

/** What came with a payload, in the memory it stays in; with an `arrival` it is still on its way there. */
export interface Segments extends ReadonlyArray<Uint8Array<ArrayBuffer>> {
  arrival?: Arrival | undefined;
}

/** Gives the memory to be filled next, part by part, and at last the payload with its segments. */
export type SegmentRooms = Generator<Uint8Array, SegmentedPayload, void>;

/** Whether an end with this limit reads segments: their mark is a bit of the length of a frame. */
export function takesSegments(maxFrameBytes: number): boolean {
  return maxFrameBytes < SEGMENTED;
}

/** Returns what gives the parts of frames with segments their memory, that of segments by `allocate`. */
export function segmentRooms(allocate: Allocate, shared?: SharedSource) {
  return (payloadBytes: number, maxFrameBytes: number): SegmentRooms =>
    roomsOfSegmentedFrame(payloadBytes, maxFrameBytes, allocate, shared);
}

/**
 * Reads a frame with segments. What is announced is held against the limits before there is room for it.
 *
 * @throws FrameError `FRAME_TOO_LARGE` @throws ProtocolError when there are no segments, or too many, or in
 *   memory that is not shared
 */
function* roomsOfSegmentedFrame(
  payloadBytes: number,
  maxFrameBytes: number,
  allocate: Allocate,
  shared: SharedSource | undefined,
): SegmentRooms {
  const payloadAndCount = new Uint8Array(payloadBytes + NUMBER_BYTES);
  yield payloadAndCount;
  const marked = numberAt(payloadAndCount, payloadBytes);
  const count = marked % IN_SHARED_MEMORY;
  if (count === 0 || count > limits.maxSegments) {
    throw new ProtocolError(
      `A frame with ${count} segments; 1 to ${limits.maxSegments} are allowed.`,
    );
  }
  const table = new Uint8Array(NUMBER_BYTES * count);
  yield table;
  const sizes = Array.from({ length: count }, (_, index) => numberAt(table, NUMBER_BYTES * index));
  checkSegmentsSize(sum(sizes), maxFrameBytes);
  const payload = payloadAndCount.subarray(0, payloadBytes);
  if (marked !== count) {
    if (shared === undefined) {
      throw new ProtocolError('A frame with segments in shared memory, on a channel without any.');
    }
    const segments = sizes.map(allocate);
    const arrival = yield* sharedRooms(segments, allocate, shared);
    return { payload, segments: Object.assign(segments, { arrival }) };
  }
  const segments: Uint8Array<ArrayBuffer>[] = [];
  for (const size of sizes) {
    const segment = allocate(size);
    segments.push(segment);
    if (size > 0) yield segment;
  }
  return { payload, segments };
}

/** Returns what stands between a payload and its segments. @throws FrameError `FRAME_TOO_LARGE` */
export function segmentTable(segments: readonly Uint8Array[], maxFrameBytes: number): Uint8Array {
  checkSegmentsSize(sum(segments.map((segment) => segment.length)), maxFrameBytes);
  const table = new DataView(new ArrayBuffer(NUMBER_BYTES * (1 + segments.length)));
  table.setUint32(0, segments.length, true);
  segments.forEach((segment, index) => {
    table.setUint32(NUMBER_BYTES * (1 + index), segment.length, true);
  });
  return new Uint8Array(table.buffer);
}

function checkSegmentsSize(size: number, maxFrameBytes: number): void {
  const limit = maxFrameBytes * limits.segmentBytesPerFrameByte;
  if (size > limit) {
    throw new FrameError(
      'FRAME_TOO_LARGE',
      `Buffers of ${size} bytes in one message exceed the limit of ${limit} bytes. Send the data in parts (a stream).`,
      { details: { size, limit } },
    );
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

function numberAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
}

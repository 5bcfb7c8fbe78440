// Cuts a stream of bytes into payloads as `FrameDecoder` does, and takes the segments behind them.
// Implements the section "Segments" of docs/protocol.md; how they lie there is the room `segments`.

import {
  checkFrameSize,
  FrameDecoder,
  LENGTH_BYTES,
  type OnPayload,
  type RoomsOf,
} from './frames.js';
import { SEGMENTED, type SegmentRooms } from './segments.js';

export class SegmentedDecoder extends FrameDecoder {
  readonly #roomsOf: RoomsOf;
  /** Gives the parts of the frame with segments that has come in part. */
  #rooms: SegmentRooms | undefined;

  /** @param roomsOf where the parts of a frame with segments belong */
  constructor(maxFrameBytes: number, roomsOf: RoomsOf) {
    super(maxFrameBytes);
    this.#roomsOf = roomsOf;
  }

  protected override takeLonger(
    length: number,
    chunk: Uint8Array,
    start: number,
    onPayload: OnPayload,
  ): number {
    if (length < SEGMENTED) checkFrameSize(length, this.maxFrameBytes);
    const payloadBytes = length - SEGMENTED;
    checkFrameSize(payloadBytes, this.maxFrameBytes);
    this.#rooms = this.#roomsOf(payloadBytes, this.maxFrameBytes);
    this.#nextRoom(this.#rooms, onPayload);
    return this.fill(chunk, start, onPayload);
  }

  /** Goes on with the next part of a frame with segments, or hands it over after the last. */
  #nextRoom(rooms: SegmentRooms, onPayload: OnPayload): void {
    this.earlier += this.partial?.length ?? 0;
    this.filled = 0;
    const next = rooms.next();
    if (next.done !== true) {
      this.partial = next.value;
      return;
    }
    this.partial = undefined;
    this.#rooms = undefined;
    this.earlier = LENGTH_BYTES;
    onPayload(next.value.payload, true, next.value.segments);
  }

  protected override completed(whole: Uint8Array, onPayload: OnPayload): void {
    if (this.#rooms === undefined) super.completed(whole, onPayload);
    else this.#nextRoom(this.#rooms, onPayload);
  }

  protected override expected(): string {
    return this.#rooms === undefined ? super.expected() : `at least ${super.expected()}`;
  }
}

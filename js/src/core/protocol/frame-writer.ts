// Outgoing frames, written one after another into one buffer, which is given away with them. `slab-writer` knows how
// to have it back.

import type { Extensions } from './codec/extension-tables.js';
import { ValueWriter } from './codec/value-writer.js';
import { checkFrameSize, LENGTH_BYTES, writeLength } from './frames.js';
import { HEADER_BYTES } from './kinds.js';

/** Of a new buffer, which grows. */
const INITIAL_BYTES = 1024;

/** Writes frames one after another; a frame that fails leaves no trace. */
export class FrameWriter extends ValueWriter {
  /** Where what was not taken yet begins. */
  protected taken = 0;
  protected readonly maxFrameBytes: number;

  constructor(
    maxFrameBytes: number,
    maxDepth: number,
    extensions: Extensions,
    bytes: Uint8Array = new Uint8Array(INITIAL_BYTES),
  ) {
    super(bytes, maxFrameBytes + LENGTH_BYTES, { maxDepth, extensions });
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Bytes of whole frames that wait to be taken. */
  get pendingBytes(): number {
    return this.position - this.taken;
  }

  /** Begins a frame: leaves room for its length and moves on to its payload. */
  begin(): void {
    this.start = this.position;
    this.ensure(LENGTH_BYTES);
    this.position += LENGTH_BYTES;
  }

  /** Writes the header of a message (docs/protocol.md, "Messages"). */
  messageHeader(kind: number, flags: number, id: number): void {
    this.ensure(HEADER_BYTES);
    const { bytes, position } = this;
    const high = Math.floor(id / 0x100_0000);
    bytes[position] = kind;
    bytes[position + 1] = flags;
    bytes[position + 2] = id;
    bytes[position + 3] = id >>> 8;
    bytes[position + 4] = id >>> 16;
    bytes[position + 5] = high;
    bytes[position + 6] = high >>> 8;
    bytes[position + 7] = high >>> 16;
    this.position = position + HEADER_BYTES;
  }

  /**
   * Completes the frame that was begun.
   *
   * @throws FrameError when it is over the limit; `abandon` it then.
   */
  finish(): void {
    const size = this.position - this.start - LENGTH_BYTES;
    checkFrameSize(size, this.maxFrameBytes);
    writeLength(this.bytes, this.start, size);
  }

  /** Whether parts that are elsewhere belong into the frame that was written last, or segments behind it. */
  get holdsSegments(): boolean {
    return false;
  }

  /** Forgets the frame that was begun. */
  abandon(): void {
    this.position = this.start;
  }

  /** Hands out everything that waits; the memory stays untouched until it is released. */
  take(): Uint8Array {
    const part = this.bytes.subarray(0, this.position);
    this.moveTo(new Uint8Array(INITIAL_BYTES), 0);
    return part;
  }

  /** Takes back what `take` handed out, in any order. */
  release(_part: Uint8Array): void {
    // It was given away.
  }
}

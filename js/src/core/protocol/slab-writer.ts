// Where outgoing frames gather: slabs that are handed out in parts and written again once all parts are back.
// A new buffer for every flush would cost more than encoding what is in it (measured: 35–60 µs for 64 KiB).

import type { Extensions } from './codec/extension-tables.js';
import { ValueWriter } from './codec/value-writer.js';
import { checkFrameSize, LENGTH_BYTES, writeLength } from './frames.js';
import { HEADER_BYTES } from './kinds.js';
import { SEGMENTED } from './segments.js';

/** Size of a slab: many flushes of small messages. */
const SLAB_BYTES = 256 * 1024;
/** Slabs kept for reuse when more than one was needed at a time. */
const SPARE_SLABS = 4;

interface Slab {
  readonly bytes: Uint8Array;
  /** The part that was taken last: messages of one kind are mostly of one length, and a view is dear to make. */
  part: Uint8Array;
  /** Parts that were taken and not released. */
  outstanding: number;
}

/** Writes frames one after another; a frame that fails leaves no trace. */
export class SlabWriter extends ValueWriter {
  readonly #maxFrameBytes: number;
  #slab: Slab;
  /** Where what was not taken yet begins. */
  #taken = 0;
  readonly #spare: Slab[] = [];
  /** Slabs left behind with parts still outstanding. */
  readonly #retired = new Map<unknown, Slab>();

  constructor(maxFrameBytes: number, maxDepth: number, extensions: Extensions) {
    const slab = newSlab(SLAB_BYTES);
    super(slab.bytes, maxFrameBytes + LENGTH_BYTES, { maxDepth, extensions });
    this.#maxFrameBytes = maxFrameBytes;
    this.#slab = slab;
  }

  /** Bytes of whole frames that wait to be taken. */
  get pendingBytes(): number {
    return this.position - this.#taken;
  }

  /** Begins a frame: leaves room for its length and moves on to its payload. */
  begin(): void {
    if (this.position === this.#taken && this.#slab.bytes.length > SLAB_BYTES) {
      this.#replace(SLAB_BYTES);
    }
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
    checkFrameSize(size, this.#maxFrameBytes);
    if (this.holdsSegments) {
      this.raw(this.segments!.table(this.#maxFrameBytes));
      writeLength(this.bytes, this.start, size + SEGMENTED);
    } else {
      writeLength(this.bytes, this.start, size);
    }
  }

  /** Whether segments belong behind the frame that was written last. */
  get holdsSegments(): boolean {
    return this.segments !== undefined && this.segments.buffers.length > 0;
  }

  /** Forgets the frame that was begun. */
  abandon(): void {
    this.segments?.take();
    this.position = this.start;
  }

  /** Hands out everything that waits; the memory stays untouched until it is released. */
  take(): Uint8Array {
    const slab = this.#slab;
    const { byteOffset, length } = slab.part;
    if (byteOffset !== this.#taken || length !== this.position - this.#taken) {
      slab.part = slab.bytes.subarray(this.#taken, this.position);
    }
    slab.outstanding++;
    this.#taken = this.position;
    return slab.part;
  }

  /** Takes back what `take` handed out, in any order. */
  release(part: Uint8Array): void {
    const isCurrent = part === this.#slab.part || part.buffer === this.bytes.buffer;
    const slab = isCurrent ? this.#slab : this.#retired.get(part.buffer);
    if (slab === undefined || slab.outstanding === 0) {
      return;
    }
    slab.outstanding--;
    if (slab.outstanding > 0) {
      return;
    }
    if (slab !== this.#slab) {
      this.#retired.delete(part.buffer);
      this.#keep(slab);
    } else if (this.position === this.#taken) {
      this.position = 0;
      this.#taken = 0;
    }
  }

  /** Goes on in another slab, with what was not taken yet. */
  protected override grow(count: number): void {
    const waiting = this.position - this.#taken;
    const needed = waiting + count;
    this.#replace(needed <= SLAB_BYTES ? SLAB_BYTES : Math.max(needed, 2 * waiting));
  }

  #replace(size: number): void {
    const old = this.#slab;
    const waiting = this.bytes.subarray(this.#taken, this.position);
    const next = (size === SLAB_BYTES ? this.#spare.pop() : undefined) ?? newSlab(size);
    next.bytes.set(waiting);
    this.start -= this.#taken;
    this.#taken = 0;
    this.#slab = next;
    this.moveTo(next.bytes, waiting.length);
    if (old.outstanding > 0) {
      this.#retired.set(old.bytes.buffer, old);
    } else {
      this.#keep(old);
    }
  }

  #keep(slab: Slab): void {
    if (slab.bytes.length === SLAB_BYTES && this.#spare.length < SPARE_SLABS) {
      this.#spare.push(slab);
    }
  }
}

function newSlab(size: number): Slab {
  const bytes = new Uint8Array(size);
  return { bytes, part: bytes, outstanding: 0 };
}

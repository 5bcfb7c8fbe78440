// Where outgoing frames gather: slabs that are handed out in parts and written again once all parts are back.
// A new buffer for every flush would cost more than encoding what is in it (measured: 35–60 µs for 64 KiB).

import type { Extensions } from './codec/extension-tables.js';
import { FrameWriter } from './frame-writer.js';
import { checkFrameSize, LENGTH_BYTES, writeLength } from './frames.js';
import { SEGMENTED } from './segments.js';

/** Size of a slab: many flushes of small messages. */
const SLAB_BYTES = 262_144;
/** Slabs kept for reuse when more than one was needed at a time. */
const SPARE_SLABS = 4;

interface Slab {
  readonly bytes: Uint8Array;
  /** The part that was taken last: messages of one kind are mostly of one length, and a view is dear to make. */
  part: Uint8Array;
  /** Parts that were taken and not released. */
  outstanding: number;
}

/** Writes frames into memory that it has back once they are sent. */
export class SlabWriter extends FrameWriter {
  #slab: Slab;
  readonly #spare: Slab[] = [];
  /** Slabs left behind with parts still outstanding. */
  readonly #retired = new Map<unknown, Slab>();
  /** Parts of the frame written last that are elsewhere; where they belong in it, and how much of it follows them. */
  #inserted: readonly Uint8Array[] | undefined;
  #insertedBytes = 0;
  #insertedAt = 0;
  #tailBytes = 0;

  constructor(maxFrameBytes: number, maxDepth: number, extensions: Extensions) {
    const slab = newSlab(SLAB_BYTES);
    super(maxFrameBytes, maxDepth, extensions, slab.bytes);
    this.#slab = slab;
  }

  override begin(): void {
    if (this.position === this.taken && this.#slab.bytes.length > SLAB_BYTES) {
      this.#replace(SLAB_BYTES);
    }
    super.begin();
  }

  override finish(): void {
    super.finish();
    if (this.holdsSegments) this.#finishScattered();
  }

  /** As `finish`, of a frame that is more than what stands here. */
  #finishScattered(): void {
    const size = this.position - this.start - LENGTH_BYTES + this.#insertedBytes;
    checkFrameSize(size, this.maxFrameBytes);
    const { segments } = this;
    const hasSegments = segments !== undefined && segments.buffers.length > 0;
    if (hasSegments) this.raw(segments.table(this.maxFrameBytes));
    writeLength(this.bytes, this.start, hasSegments ? size + SEGMENTED : size);
    this.#tailBytes = this.position - this.start - this.#insertedAt;
  }

  override get holdsSegments(): boolean {
    return (
      this.#inserted !== undefined ||
      (this.segments !== undefined && this.segments.buffers.length > 0)
    );
  }

  override abandon(): void {
    this.#inserted = undefined;
    this.#insertedBytes = 0;
    this.segments?.take();
    super.abandon();
  }

  /** Has these parts follow in the frame what was written of it so far, from where they are. Once a frame. */
  insert(parts: readonly Uint8Array[]): void {
    this.#inserted = parts;
    this.#insertedAt = this.position - this.start;
    for (const part of parts) this.#insertedBytes += part.length;
  }

  /** Returns what was taken last, which ends with the frame that was written last, as it leaves: with what was inserted. */
  takeInserted(taken: Uint8Array): readonly Uint8Array[] {
    const inserted = this.#inserted;
    if (inserted === undefined) return [taken];
    this.#inserted = undefined;
    this.#insertedBytes = 0;
    const at = taken.length - this.#tailBytes;
    return [taken.subarray(0, at), ...inserted, taken.subarray(at)];
  }

  override take(): Uint8Array {
    const slab = this.#slab;
    const { byteOffset, length } = slab.part;
    if (byteOffset !== this.taken || length !== this.position - this.taken) {
      slab.part = slab.bytes.subarray(this.taken, this.position);
    }
    slab.outstanding++;
    this.taken = this.position;
    return slab.part;
  }

  override release(part: Uint8Array): void {
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
    } else if (this.position === this.taken) {
      this.position = 0;
      this.taken = 0;
    }
  }

  /** Goes on in another slab, with what was not taken yet. */
  protected override grow(count: number): void {
    const waiting = this.position - this.taken;
    const needed = waiting + count;
    this.#replace(needed <= SLAB_BYTES ? SLAB_BYTES : Math.max(needed, 2 * waiting));
  }

  #replace(size: number): void {
    const old = this.#slab;
    const waiting = this.bytes.subarray(this.taken, this.position);
    const next = (size === SLAB_BYTES ? this.#spare.pop() : undefined) ?? newSlab(size);
    next.bytes.set(waiting);
    this.start -= this.taken;
    this.taken = 0;
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

// Reads the number formats of MessagePack (big-endian) out of bytes that are not to be trusted: it never
// reads past their end. It knows no values.

import { DecodeError } from '../value-errors.js';

const NO_BYTES = new Uint8Array(0);

/** A buffer up to this size may stay referenced between documents, to spare its DataView. */
const KEPT_BUFFER_BYTES = 1 << 20;

/** Reads bytes at `position`; what is not there is a `DecodeError`. */
export class ByteReader {
  bytes: Uint8Array = NO_BYTES;
  position = 0;
  end = 0;
  /** Over the whole buffer of `bytes`, `base` before them; transports reuse one buffer again and again. */
  view: DataView = new DataView(NO_BYTES.buffer);
  /** That buffer: to ask a view for it costs more than to read a number. */
  #viewed: ArrayBufferLike = NO_BYTES.buffer;
  base = 0;
  /** Whether an integer was read, since this was set, that no `number` holds. */
  hasBigInt = false;

  /** Begins to read `bytes` from `start` on. */
  begin(bytes: Uint8Array, start: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = bytes.length;
    this.base = bytes.byteOffset;
    const { buffer } = bytes;
    if (this.#viewed !== buffer) this.#look(buffer);
  }

  /** Lets go of the bytes. */
  release(): void {
    this.bytes = NO_BYTES;
    if (this.view.byteLength > KEPT_BUFFER_BYTES) this.#look(NO_BYTES.buffer);
  }

  #look(buffer: ArrayBufferLike): void {
    this.view = new DataView(buffer);
    this.#viewed = buffer;
  }

  /** Makes sure that `count` more bytes are there. */
  need(count: number): void {
    if (count > this.end - this.position) {
      throw new DecodeError(
        `The value is cut off: ${count} bytes are needed at ${this.position}, ${this.end - this.position} are left.`,
      );
    }
  }

  /** Passes over `count` bytes; returns where they begin in the buffer that `view` shows. */
  skip(count: number): number {
    this.need(count);
    const at = this.base + this.position;
    this.position += count;
    return at;
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.position++]!;
  }

  u16(): number {
    return this.view.getUint16(this.skip(2));
  }

  u32(): number {
    return this.view.getUint32(this.skip(4));
  }

  u64(): number | bigint {
    const at = this.skip(8);
    const high = this.view.getUint32(at);
    if (high < 0x20_0000) {
      return high * 0x1_0000_0000 + this.view.getUint32(at + 4);
    }
    this.hasBigInt = true;
    return this.view.getBigUint64(at);
  }

  i64(): number | bigint {
    const at = this.skip(8);
    const value = this.view.getInt32(at) * 0x1_0000_0000 + this.view.getUint32(at + 4);
    if (Number.isSafeInteger(value)) {
      return value;
    }
    this.hasBigInt = true;
    return this.view.getBigInt64(at);
  }
}

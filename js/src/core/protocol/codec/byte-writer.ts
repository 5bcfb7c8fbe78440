// A growing buffer with the number formats of MessagePack (big-endian). It knows no values.

import { checkFrameSize } from '../frames.js';

/** Writes bytes at `position`; makes room as asked, up to `most` bytes from `start` on. */
export class ByteWriter {
  bytes: Uint8Array;
  position = 0;
  /** Where the frame being written began: what `grow` must keep and what the limit counts from. */
  start = 0;
  readonly most: number;
  #view: DataView;

  constructor(bytes: Uint8Array, most: number) {
    this.bytes = bytes;
    this.most = most;
    this.#view = viewOf(bytes);
  }

  /** Goes on in another buffer, from `position` on. */
  moveTo(bytes: Uint8Array, position: number): void {
    this.bytes = bytes;
    this.position = position;
    this.#view = viewOf(bytes);
  }

  /**
   * Makes sure of room for `count` bytes.
   *
   * @throws FrameError when the frame would be over the limit; nothing is allocated then.
   */
  ensure(count: number): void {
    if (this.position + count > this.bytes.length) {
      checkFrameSize(this.position - this.start + count, this.most);
      this.grow(count);
    }
  }

  /** Replaces the buffer by a larger one; a subclass may know better where to get one. */
  protected grow(count: number): void {
    const needed = this.position + count;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.position));
    this.moveTo(larger, this.position);
  }

  u8(value: number): void {
    this.ensure(1);
    this.bytes[this.position++] = value;
  }

  /** One byte, then an unsigned 8-bit number. */
  tagged8(tag: number, value: number): void {
    this.ensure(2);
    const { bytes } = this;
    bytes[this.position++] = tag;
    bytes[this.position++] = value;
  }

  /** One byte, then a 16-bit number. */
  tagged16(tag: number, value: number): void {
    this.ensure(3);
    const { bytes, position } = this;
    bytes[position] = tag;
    bytes[position + 1] = value >> 8;
    bytes[position + 2] = value;
    this.position = position + 3;
  }

  /** One byte, then a 32-bit number. */
  tagged32(tag: number, value: number): void {
    this.ensure(5);
    const { bytes, position } = this;
    bytes[position] = tag;
    bytes[position + 1] = value >>> 24;
    bytes[position + 2] = value >>> 16;
    bytes[position + 3] = value >>> 8;
    bytes[position + 4] = value;
    this.position = position + 5;
  }

  /** One byte, then a 64-bit integer given as a safe number. */
  tagged64(tag: number, value: number): void {
    this.ensure(9);
    const { position } = this;
    this.bytes[position] = tag;
    this.#view.setInt32(position + 1, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(position + 5, value >>> 0);
    this.position = position + 9;
  }

  /** One byte, then a 64-bit integer, its two's complement if it is negative. */
  taggedBigInt64(tag: number, value: bigint): void {
    this.ensure(9);
    this.bytes[this.position] = tag;
    this.#view.setBigUint64(this.position + 1, BigInt.asUintN(64, value));
    this.position += 9;
  }

  /** One byte, then a 64-bit float. */
  taggedFloat64(tag: number, value: number): void {
    this.ensure(9);
    this.bytes[this.position] = tag;
    this.#view.setFloat64(this.position + 1, value);
    this.position += 9;
  }

  raw(source: Uint8Array): void {
    this.ensure(source.length);
    this.bytes.set(source, this.position);
    this.position += source.length;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

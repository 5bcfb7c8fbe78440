// Writes the values of MessagePack that have no parts, each in its smallest form, and what stands before those
// that have. Implements the section "Values" of docs/protocol.md. Knows neither containers nor paths.

import { ByteWriter } from './byte-writer.js';
import { remainderOf } from './exact-times.js';
import { type EXT_CALLBACK, type EXT_STREAM, REFERENCE_BYTES } from './references.js';
import { Refusal } from './refusals.js';
import { EXT_SEGMENT, type OutgoingSegments, SEGMENT_NUMBER_BYTES } from './segment-references.js';
import { SHORT_TEXT, utf8Length, writeUtf8 } from './text.js';
import { EXT_TIMESTAMP, NANOSECONDS_PER_MS } from './timestamps.js';

const NO_HEADER = new Uint8Array(0);
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** Writes scalars; one that cannot travel is a `Refusal`. */
export class ScalarWriter extends ByteWriter {
  /** Takes large buffers, which are then not written here; without it they are. */
  segments: OutgoingSegments | undefined;

  number(value: number): void {
    if (!Number.isSafeInteger(value) || (value === 0 && 1 / value < 0)) {
      this.taggedFloat64(0xcb, value);
    } else if (value >= 0) {
      if (value < 0x80) this.u8(value);
      else if (value < 0x100) this.tagged8(0xcc, value);
      else if (value < 0x1_0000) this.tagged16(0xcd, value);
      else if (value < 0x1_0000_0000) this.tagged32(0xce, value);
      else this.tagged64(0xcf, value);
    } else if (value >= -0x20) this.u8(value & 0xff);
    else if (value >= -0x80) this.tagged8(0xd0, value);
    else if (value >= -0x8000) this.tagged16(0xd1, value);
    else if (value >= -0x8000_0000) this.tagged32(0xd2, value);
    else this.tagged64(0xd3, value);
  }

  /** Writes an integer that fits 64 bits; whether it does. */
  bigInt(value: bigint): boolean {
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      this.number(Number(value));
    } else if (value >= INT64_MIN && value <= UINT64_MAX) {
      this.taggedBigInt64(value < 0n ? 0xd3 : 0xcf, value);
    } else return false;
    return true;
  }

  text(value: string): void {
    const { length } = value;
    if (length <= SHORT_TEXT && this.#shortAscii(value, length)) {
      return;
    }
    const size = utf8Length(value);
    if (size < 0) {
      throw new Refusal(
        `the text has a lone surrogate at ${~size}, which UTF-8 cannot hold; send bytes, or text.toWellFormed()`,
      );
    }
    if (size < 0x20) this.u8(0xa0 | size);
    else this.sized(size, 0xd9);
    this.ensure(size);
    writeUtf8(value, this.bytes, this.position);
    this.position += size;
  }

  /** Writes a short text if it is ASCII; otherwise leaves everything as it was. */
  #shortAscii(value: string, length: number): boolean {
    this.ensure(length + 2);
    const { bytes, position } = this;
    let at = position;
    if (length < 0x20) {
      bytes[at++] = 0xa0 | length;
    } else {
      bytes[at++] = 0xd9;
      bytes[at++] = length;
    }
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) return false;
      bytes[at++] = unit;
    }
    this.position = at;
    return true;
  }

  /** A length in the smallest of three forms, whose tags follow one another. */
  protected sized(size: number, tag8: number): void {
    if (size < 0x100) this.tagged8(tag8, size);
    else if (size < 0x1_0000) this.tagged16(tag8 + 1, size);
    else if (size < 0x1_0000_0000) this.tagged32(tag8 + 2, size);
    else throw new Refusal('it is longer than MessagePack can say; send it in parts');
  }

  arrayHeader(length: number): void {
    if (length < 0x10) this.u8(0x90 | length);
    else if (length < 0x1_0000) this.tagged16(0xdc, length);
    else this.tagged32(0xdd, length);
  }

  mapHeader(length: number): void {
    if (length < 0x10) this.u8(0x80 | length);
    else if (length < 0x1_0000) this.tagged16(0xde, length);
    else this.tagged32(0xdf, length);
  }

  extensionHeader(type: number, size: number): void {
    if (size === 4) this.u8(0xd6);
    else if (size === 8) this.u8(0xd7);
    else if (size === 16) this.u8(0xd8);
    else this.sized(size, 0xc7);
    this.u8(type & 0xff);
  }

  binary(bytes: Uint8Array): void {
    if (this.segments?.takes(bytes) === true) {
      this.segment(bytes, NO_HEADER);
      return;
    }
    this.sized(bytes.length, 0xc4);
    this.raw(bytes);
  }

  date(value: Date): void {
    const ms = value.getTime();
    if (Number.isNaN(ms)) {
      throw new Refusal('an invalid Date cannot travel; send null');
    }
    const seconds = Math.floor(ms / 1000);
    const nanoseconds = (ms - seconds * 1000) * NANOSECONDS_PER_MS + remainderOf(value);
    // The smallest of three forms: seconds in 32 bits, in 34 beside nanoseconds in 30, in 64 behind those in 32.
    if (seconds < 0 || seconds >= 2 ** 34) {
      this.tagged8(0xc7, 12);
      this.tagged32(EXT_TIMESTAMP & 0xff, nanoseconds);
      // Their upper halves: none of a Date's seconds has more than 53 bits.
      for (const half of [Math.floor(seconds / 2 ** 32), seconds]) this.#bigEndian32(half);
    } else if (nanoseconds > 0 || seconds >= 2 ** 32) {
      this.u8(0xd7);
      this.tagged32(EXT_TIMESTAMP & 0xff, nanoseconds * 4 + Math.floor(seconds / 2 ** 32));
      this.#bigEndian32(seconds);
    } else {
      this.u8(0xd6);
      this.tagged32(EXT_TIMESTAMP & 0xff, seconds);
    }
  }

  /** Corrects the count of a map that turned out shorter, in the form it was written in. */
  patchMapHeader(bytes: Uint8Array, at: number, written: number, count: number): void {
    if (written < 0x10) {
      bytes[at] = 0x80 | count;
    } else if (written < 0x1_0000) {
      bytes[at + 1] = count >> 8;
      bytes[at + 2] = count;
    } else {
      bytes[at + 1] = count >>> 24;
      bytes[at + 2] = count >>> 16;
      bytes[at + 3] = count >>> 8;
      bytes[at + 4] = count;
    }
  }

  /** A reference to what stays at this end. */
  reference(type: typeof EXT_CALLBACK | typeof EXT_STREAM, id: number): void {
    this.extensionHeader(type, REFERENCE_BYTES);
    this.#littleEndian32(id);
  }

  /** A reference to a new segment; for an array with what precedes its numbers. */
  segment(bytes: Uint8Array, header: Uint8Array): void {
    this.extensionHeader(EXT_SEGMENT, SEGMENT_NUMBER_BYTES + header.length);
    this.#littleEndian32(this.segments!.add(bytes));
    this.raw(header);
  }

  #bigEndian32(value: number): void {
    for (let shift = 24; shift >= 0; shift -= 8) this.u8((value >>> shift) & 0xff);
  }

  #littleEndian32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) {
      this.u8((value >>> shift) & 0xff);
    }
  }
}

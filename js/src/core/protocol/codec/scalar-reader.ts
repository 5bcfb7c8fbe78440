// Reads the values of MessagePack that have no parts. Implements the section "Values" of docs/protocol.md.
// Knows neither containers nor how deep it stands.

import { DecodeError } from '../value-errors.js';
import { ByteReader } from './byte-reader.js';
import { type Extensions, NO_EXTENSIONS } from './extension-tables.js';
import { type ArrivedSegments, EXT_SEGMENT, noSuchSegment } from './segment-references.js';
import { decodeUtf8 } from './text.js';
import { EXT_TIMESTAMP, timestampToDate } from './timestamps.js';

/** Reads what follows the first byte of a value that has no parts. */
export class ScalarReader extends ByteReader {
  /** What it knows beyond the values of MessagePack. */
  extensions: Extensions = NO_EXTENSIONS;
  /** What came with the value beside its bytes. */
  segments: ArrivedSegments | undefined;
  /** Whether binaries are copies, or views on the bytes. */
  protected copyBytes = true;

  /** Reads on behind a first byte that is neither of a container nor a value in itself. */
  protected scalar(tag: number): unknown {
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.u8());
      case 0xc5:
        return this.#binary(this.u16());
      case 0xc6:
        return this.#binary(this.u32());
      case 0xc7:
        return this.#extension(this.u8());
      case 0xc8:
        return this.#extension(this.u16());
      case 0xc9:
        return this.#extension(this.u32());
      case 0xca:
        return this.view.getFloat32(this.skip(4));
      case 0xcb:
        return this.view.getFloat64(this.skip(8));
      case 0xcc:
        return this.u8();
      case 0xcd:
        return this.u16();
      case 0xce:
        return this.u32();
      case 0xcf:
        return this.u64();
      case 0xd0:
        return this.view.getInt8(this.skip(1));
      case 0xd1:
        return this.view.getInt16(this.skip(2));
      case 0xd2:
        return this.view.getInt32(this.skip(4));
      case 0xd3:
        return this.i64();
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (tag - 0xd4));
      case 0xd9:
        return this.text(this.u8());
      case 0xda:
        return this.text(this.u16());
      case 0xdb:
        return this.text(this.u32());
      default:
        throw new DecodeError(`The byte 0xc1 at ${this.position - 1} begins no value.`);
    }
  }

  protected text(length: number): string {
    this.need(length);
    const start = this.position;
    this.position += length;
    try {
      return decodeUtf8(this.bytes, start, this.position);
    } catch (cause) {
      throw notUtf8(start, cause);
    }
  }

  #binary(length: number): Uint8Array {
    this.need(length);
    const start = this.position;
    this.position += length;
    return this.copyBytes
      ? copyOf(this.bytes, start, this.position)
      : this.bytes.subarray(start, this.position);
  }

  #extension(length: number): unknown {
    this.need(length + 1);
    const type = this.view.getInt8(this.skip(1));
    const at = this.skip(length);
    const { buffer } = this.view;
    switch (type) {
      case EXT_TIMESTAMP:
        return sound(timestampToDate(new DataView(buffer, at, length)));
      case EXT_SEGMENT:
        return sound(this.segments?.fromPayload(buffer, at, length) ?? noSuchSegment(length));
    }
    const read = this.extensions.readers.get(type);
    if (read === undefined) {
      throw new DecodeError(
        `The value holds an extension of the unknown type ${type}; both ends must know an extension to use it.`,
      );
    }
    const value = sound(read(buffer, at, length));
    if (typeof value === 'bigint') this.hasBigInt = true;
    return value;
  }
}

export function notUtf8(at: number, cause: unknown): DecodeError {
  return new DecodeError(`The text at byte ${at} is not UTF-8.`, { cause });
}

/** Returns what was read of an extension's data, unless it is text that says what is wrong with them. */
function sound<T>(read: T | string): T {
  if (typeof read === 'string') {
    throw new DecodeError(`The value holds ${read}.`);
  }
  return read;
}

/** Copies a part, also out of a Node Buffer, whose own `slice` is a view. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

// MessagePack to values. Implements the section "Values" of docs/protocol.md.
// The bytes are not to be trusted: every length is checked against the bytes that remain before anything
// is allocated, nesting is bounded, and whatever is wrong is a `DecodeError`.

import { limits } from '../limits.js';
import { DecodeError } from '../value-errors.js';
import { arrayFromPayload, EXT_ARRAY } from './arrays.js';
import { ByteReader } from './byte-reader.js';
import { bigIntFromBytes, EXT_BIG_INT, EXT_TIMESTAMP, timestampToDate } from './extensions.js';
import { requireSafeIntegers } from './integer-range.js';
import { setOwn } from './own-properties.js';
import { callbackFromPayload, EXT_CALLBACK, EXT_STREAM, streamFromPayload } from './references.js';
import { ArrivedSegments, EXT_SEGMENT } from './segment-references.js';
import { KeyCache, readUtf8 } from './text.js';

export interface DecodeOptions {
  /** Containers that may stand inside one another. */
  readonly maxDepth?: number;
  /** Whether binaries are copies (the default) or views on `bytes`. */
  readonly copyBytes?: boolean;
  /** What becomes of integers beyond ±(2^53 − 1): a `bigint` (the default), or an `IntegerRangeError`. */
  readonly integers?: 'exact' | 'safe';
}

/**
 * Returns the value of one MessagePack document.
 *
 * @throws DecodeError when `bytes` are anything else.
 */
export function decodeValue(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  const maxDepth = options.maxDepth ?? limits.maxDepth;
  const value = reader.document(bytes, 0, maxDepth, options.copyBytes ?? true);
  if (reader.hasBigInt && options.integers === 'safe') {
    requireSafeIntegers(value);
  }
  return value;
}

/** Returns the value that `bytes` hold from `start` on, `maxDepth` containers deep at most. */
export function decodeFrom(bytes: Uint8Array, start: number, maxDepth: number): unknown {
  return reader.document(bytes, start, maxDepth, true);
}

/** Runs a decoding of values that refer to segments, which become parts of them, each of one place. */
export function withSegments<T>(segments: readonly Uint8Array<ArrayBuffer>[], decode: () => T): T {
  const arrived = new ArrivedSegments(segments);
  reader.segments = arrived;
  try {
    const decoded = decode();
    arrived.checkAllTaken();
    return decoded;
  } finally {
    reader.segments = undefined;
  }
}

/** Whether the value decoded last holds a `bigint` somewhere. */
export function lastHadBigInt(): boolean {
  return reader.hasBigInt;
}

const NO_SEGMENTS = new ArrivedSegments([]);

/** Arrays up to this length are made in their exact size. */
const FEW_ITEMS = 4;

/** Reads values. What is protected is for a reader that rests in between. */
export class ValueReader extends ByteReader {
  /** What came with the value beside its bytes. */
  segments: ArrivedSegments | undefined;
  protected depthLeft = 0;
  #copyBytes = true;
  readonly #keys = new KeyCache();

  document(bytes: Uint8Array, start: number, maxDepth: number, copyBytes: boolean): unknown {
    this.begin(bytes, start);
    this.depthLeft = maxDepth;
    this.#copyBytes = copyBytes;
    this.hasBigInt = false;
    try {
      const value = this.value();
      if (this.position !== this.end) {
        throw this.surplus(start);
      }
      return value;
    } finally {
      this.release();
    }
  }

  protected surplus(start: number): DecodeError {
    return new DecodeError(
      `The value ends at byte ${this.position - start}, but ${this.end - this.position} more follow.`,
    );
  }

  protected value(): unknown {
    this.need(1);
    const tag = this.bytes[this.position++]!;
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 0x100;
    if (tag >= 0xa0 && tag < 0xc0) return this.#text(tag & 0x1f);
    if (tag < 0x90) return this.#map(tag & 0x0f);
    if (tag < 0xa0) return this.#array(tag & 0x0f);
    return this.#tagged(tag);
  }

  /** Passes over the head of an array and returns its length; -1 where none begins. */
  protected arrayLength(): number {
    this.need(1);
    const tag = this.bytes[this.position]!;
    if (tag !== 0xdc && tag !== 0xdd && (tag < 0x90 || tag > 0x9f)) return -1;
    this.position++;
    const length = tag < 0xa0 ? tag & 0x0f : tag === 0xdc ? this.u16() : this.u32();
    this.need(length);
    return length;
  }

  /** Passes over the head of a map and returns how many pairs it has; -1 where none begins. */
  protected mapLength(): number {
    this.need(1);
    const tag = this.bytes[this.position]!;
    if (tag !== 0xde && tag !== 0xdf && (tag < 0x80 || tag > 0x8f)) return -1;
    this.position++;
    const length = tag < 0x90 ? tag & 0x0f : tag === 0xde ? this.u16() : this.u32();
    this.need(2 * length);
    return length;
  }

  #tagged(tag: number): unknown {
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
        return this.#text(this.u8());
      case 0xda:
        return this.#text(this.u16());
      case 0xdb:
        return this.#text(this.u32());
      case 0xdc:
        return this.#array(this.u16());
      case 0xdd:
        return this.#array(this.u32());
      case 0xde:
        return this.#map(this.u16());
      case 0xdf:
        return this.#map(this.u32());
      default:
        throw new DecodeError(`The byte 0xc1 at ${this.position - 1} begins no value.`);
    }
  }

  #text(length: number): string {
    this.need(length);
    const start = this.position;
    this.position += length;
    try {
      return readUtf8(this.bytes, start, this.position);
    } catch (cause) {
      throw notUtf8(start, cause);
    }
  }

  #binary(length: number): Uint8Array {
    this.need(length);
    const start = this.position;
    this.position += length;
    return this.#copyBytes
      ? copyOf(this.bytes, start, this.position)
      : this.bytes.subarray(start, this.position);
  }

  #array(length: number): unknown[] {
    this.need(length); // an item takes a byte at least
    this.enter();
    const items = length <= FEW_ITEMS ? this.#fewItems(length) : this.#items(length);
    this.depthLeft++;
    return items;
  }

  #items(length: number): unknown[] {
    const items: unknown[] = [];
    for (let index = 0; index < length; index++) {
      items.push(this.value());
    }
    return items;
  }

  /** An array that grows by its first item makes room for seventeen, which small ones never need. */
  #fewItems(length: number): unknown[] {
    switch (length) {
      case 0:
        return [];
      case 1:
        return [this.value()];
      case 2:
        return [this.value(), this.value()];
      case 3:
        return [this.value(), this.value(), this.value()];
      default:
        return [this.value(), this.value(), this.value(), this.value()];
    }
  }

  #map(length: number): Record<string, unknown> | Map<unknown, unknown> {
    this.need(2 * length); // a key and its value take a byte each at least
    this.enter();
    const record: Record<string, unknown> = {};
    for (let index = 0; index < length; index++) {
      const key = this.key();
      if (typeof key !== 'string') {
        const map = this.#mapOf(record, key, length - index);
        this.depthLeft++;
        return map;
      }
      const value = this.value();
      setOwn(record, key, value);
    }
    this.depthLeft++;
    return record;
  }

  /** Goes on with a map that turned out to have other keys than strings, `key` the first of them. */
  #mapOf(record: Record<string, unknown>, key: unknown, left: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>(Object.entries(record));
    map.set(key, this.value());
    for (let index = 1; index < left; index++) {
      const next = this.key();
      map.set(next, this.value());
    }
    return map;
  }

  protected key(): unknown {
    this.need(1);
    const tag = this.bytes[this.position]!;
    if (tag < 0xa0 || tag >= 0xc0) {
      return this.value();
    }
    const start = this.position + 1;
    const end = start + (tag & 0x1f);
    this.need(end - this.position);
    this.position = end;
    try {
      return this.#keys.read(this.bytes, start, end);
    } catch (cause) {
      throw notUtf8(start, cause);
    }
  }

  protected enter(): void {
    if (this.depthLeft-- === 0) {
      throw new DecodeError(
        'The value nests too deeply to be decoded. Send a flat form, such as a list with indices.',
        { code: 'DEPTH_EXCEEDED' },
      );
    }
  }

  #extension(length: number): unknown {
    this.need(length + 1);
    const type = this.view.getInt8(this.skip(1));
    const at = this.skip(length);
    const { buffer } = this.view;
    switch (type) {
      case EXT_TIMESTAMP:
        return sound(timestampToDate(new DataView(buffer, at, length)));
      case EXT_BIG_INT:
        return this.#bigInt(at, length);
      case EXT_ARRAY:
        return sound(arrayFromPayload(buffer, at, length));
      case EXT_CALLBACK:
        return sound(callbackFromPayload(new DataView(buffer, at, length)));
      case EXT_STREAM:
        return sound(streamFromPayload(new DataView(buffer, at, length)));
      case EXT_SEGMENT:
        return sound((this.segments ?? NO_SEGMENTS).fromPayload(buffer, at, length));
      default:
        throw new DecodeError(
          `The value holds an extension of the unknown type ${type}; both ends must know an extension to use it.`,
        );
    }
  }

  #bigInt(at: number, length: number): number | bigint {
    if (length === 0 || length > limits.maxBigIntBytes) {
      const most = limits.maxBigIntBytes;
      throw new DecodeError(
        `The value holds an integer extension of ${length} bytes (allowed are 1 to ${most}).`,
      );
    }
    const value = bigIntFromBytes(new Uint8Array(this.view.buffer, at, length));
    const number = Number(value);
    if (Number.isSafeInteger(number)) {
      return number;
    }
    this.hasBigInt = true;
    return value;
  }
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

function notUtf8(at: number, cause: unknown): DecodeError {
  return new DecodeError(`The text at byte ${at} is not UTF-8.`, { cause });
}

/** One is enough: decoding calls no foreign code, so it cannot be entered twice. */
const reader = new ValueReader();

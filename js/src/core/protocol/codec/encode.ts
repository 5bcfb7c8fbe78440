// Values to MessagePack, written in place. Implements the section "Values" of docs/protocol.md.
// Knows neither frames nor messages. A value that cannot travel is an error that names its path.

import { FrameError } from '../error-classes.js';
import { limits } from '../limits.js';
import { EncodeError } from '../value-errors.js';
import { ByteWriter } from './byte-writer.js';
import { bigIntToBytes, EXT_BIG_INT, EXT_TIMESTAMP, timestampToBytes } from './extensions.js';
import { pathStep, refusalOf, tagOf, typedArrayRefusal } from './refusals.js';
import { SHORT_TEXT, utf8Length, writeUtf8 } from './text.js';

export interface EncodeOptions {
  /** Containers that may stand inside one another. */
  readonly maxDepth?: number;
  /** What becomes of a property whose value is `undefined`; elsewhere it is nil. */
  readonly undefinedProperties?: 'omit' | 'null';
}

/**
 * Returns the MessagePack of a value.
 *
 * @throws EncodeError when something in it cannot travel; `path` says what.
 */
export function encodeValue(value: unknown, options: EncodeOptions = {}): Uint8Array {
  const writer = new ValueWriter(new Uint8Array(256), Number.MAX_SAFE_INTEGER, options);
  writer.value(value, '$');
  return writer.bytes.subarray(0, writer.position);
}

const INT64_MIN = -(2n ** 63n);
/** What an error shows of a path; a structure that contains itself has no end of it. */
const MAX_PATH_CHARS = 200;
const UINT64_MAX = 2n ** 64n - 1n;

/** Writes values one after another; `value` is the way in, the rest is for it alone. */
export class ValueWriter extends ByteWriter {
  /** What becomes of a property whose value is `undefined`. */
  undefinedProperties: 'omit' | 'null';
  readonly #maxDepth: number;
  /** Containers open at the place that is being written, and the key or index taken in each. */
  #depth = 0;
  readonly #steps: unknown[] = [];

  constructor(bytes: Uint8Array, most: number, options: EncodeOptions = {}) {
    super(bytes, most);
    this.#maxDepth = options.maxDepth ?? limits.maxDepth;
    this.undefinedProperties = options.undefinedProperties ?? 'omit';
  }

  /**
   * Writes one value. The path of an error begins with `root`, and `key` when the value has one there.
   *
   * @throws EncodeError when something in it cannot travel; what was written of it is left behind `position`.
   */
  value(value: unknown, root: string, key?: string | number): void {
    this.#depth = 0;
    try {
      this.#any(value);
    } catch (error) {
      throw this.#located(error, key === undefined ? root : root + pathStep(key));
    }
  }

  #any(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.text(value);
        return;
      case 'number':
        this.number(value);
        return;
      case 'object':
        if (value === null) this.u8(0xc0);
        else this.#object(value);
        return;
      case 'boolean':
        this.u8(value ? 0xc3 : 0xc2);
        return;
      case 'undefined':
        this.u8(0xc0);
        return;
      case 'bigint':
        this.#bigInt(value);
        return;
      case 'function':
        throw new Refusal('a function cannot travel; send what it returns');
      default:
        throw new Refusal('a symbol cannot travel; send its description');
    }
  }

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

  #bigInt(value: bigint): void {
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      this.number(Number(value));
    } else if (value >= INT64_MIN && value <= UINT64_MAX) {
      this.taggedBigInt64(value < 0n ? 0xd3 : 0xcf, value);
    } else {
      const data = bigIntToBytes(value);
      if (typeof data === 'number') {
        const most = limits.maxBigIntBytes;
        throw new Refusal(
          `an integer of ${data} bytes is over the limit of ${most} bytes; send it as bytes or text`,
        );
      }
      this.#extensionHeader(EXT_BIG_INT, data.length);
      this.raw(data);
    }
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
    else this.#sized(size, 0xd9);
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
  #sized(size: number, tag8: number): void {
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

  #extensionHeader(type: number, size: number): void {
    if (size === 4) this.u8(0xd6);
    else if (size === 8) this.u8(0xd7);
    else if (size === 16) this.u8(0xd8);
    else this.#sized(size, 0xc7);
    this.u8(type & 0xff);
  }

  #object(value: object): void {
    if (Array.isArray(value)) {
      this.#array(value);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      this.#properties(value as Record<string, unknown>);
    } else if (ArrayBuffer.isView(value)) {
      this.#view(value);
    } else {
      this.#instance(value, tagOf(value));
    }
  }

  #instance(value: object, tag: string): void {
    switch (tag) {
      case 'Date':
        this.#date(value as Date);
        return;
      case 'Map':
        this.#map(value as Map<unknown, unknown>);
        return;
      case 'Set':
        this.#array([...(value as Set<unknown>)]);
        return;
      case 'ArrayBuffer':
        this.#binary(new Uint8Array(value as ArrayBuffer));
        return;
      case 'Number':
      case 'String':
      case 'Boolean':
      case 'BigInt':
        this.#any(value.valueOf());
        return;
    }
    const refusal = refusalOf(value, tag);
    if (refusal !== undefined) {
      throw new Refusal(refusal);
    }
    this.#properties(value as Record<string, unknown>);
  }

  #view(value: ArrayBufferView): void {
    const tag = tagOf(value);
    if (tag === 'Uint8Array') {
      this.#binary(value as Uint8Array);
    } else if (tag === 'DataView') {
      this.#binary(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else {
      throw new Refusal(typedArrayRefusal(tag));
    }
  }

  #binary(bytes: Uint8Array): void {
    this.#sized(bytes.length, 0xc4);
    this.raw(bytes);
  }

  #date(value: Date): void {
    const ms = value.getTime();
    if (Number.isNaN(ms)) {
      throw new Refusal('an invalid Date cannot travel; send null');
    }
    const data = timestampToBytes(ms);
    this.#extensionHeader(EXT_TIMESTAMP, data.length);
    this.raw(data);
  }

  #array(values: readonly unknown[]): void {
    const level = this.#enter();
    const { length } = values;
    this.arrayHeader(length);
    for (let index = 0; index < length; index++) {
      this.#steps[level] = index;
      this.#any(values[index]);
    }
    this.#depth = level;
  }

  #map(map: Map<unknown, unknown>): void {
    const level = this.#enter();
    const { size } = map;
    let count = 0;
    this.mapHeader(size);
    for (const [key, value] of map) {
      count++;
      this.#steps[level] = key;
      this.#any(key);
      this.#any(value);
    }
    if (count !== size) {
      throw new Refusal('the Map changed while it was read');
    }
    this.#depth = level;
  }

  #properties(value: Record<string, unknown>): void {
    if (typeof value.toJSON === 'function') {
      this.#plain(value.toJSON());
    } else {
      this.#record(value);
    }
  }

  /** Writes what `toJSON` returned: its own `toJSON`, if it has one, is not asked again. */
  #plain(value: unknown): void {
    if (typeof value === 'object' && value !== null && tagOf(value) === 'Object') {
      this.#record(value as Record<string, unknown>);
    } else {
      this.#any(value);
    }
  }

  #record(value: Record<string, unknown>): void {
    const level = this.#enter();
    const keys = Object.keys(value);
    const header = this.position;
    let count = keys.length;
    this.mapHeader(count);
    for (const key of keys) {
      this.#steps[level] = key;
      const item = value[key];
      if (item === undefined && this.undefinedProperties === 'omit') {
        count--;
        continue;
      }
      this.text(key);
      this.#any(item);
    }
    if (count !== keys.length) {
      this.#patchMapHeader(header, keys.length, count);
    }
    this.#depth = level;
  }

  /** Corrects the count of a map that turned out shorter, in the form it was written in. */
  #patchMapHeader(at: number, written: number, count: number): void {
    const { bytes } = this;
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

  /** Opens a container; returns the depth to go back to, which is also its place among the steps. */
  #enter(): number {
    const level = this.#depth;
    if (level >= this.#maxDepth) {
      throw new Refusal(
        `more than ${this.#maxDepth} containers inside one another; is it a structure that contains itself? ` +
          'Send a flat form, such as an array with indices',
        'DEPTH_EXCEEDED',
      );
    }
    this.#steps[level] = undefined;
    this.#depth = level + 1;
    return level;
  }

  /** Turns whatever was thrown on the way into our error, with the path it happened at. */
  #located(error: unknown, root: string): EncodeError | FrameError {
    if (error instanceof FrameError) {
      return error;
    }
    let path = root;
    for (let level = 0; level < this.#depth; level++) {
      if (path.length > MAX_PATH_CHARS) {
        path = `${path.slice(0, MAX_PATH_CHARS)}…`;
        break;
      }
      const step = this.#steps[level];
      path += step === undefined ? '' : pathStep(step);
    }
    if (error instanceof Refusal) {
      return new EncodeError(`Cannot encode ${path}: ${error.message}.`, {
        path,
        code: error.code,
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    return new EncodeError(`Cannot encode ${path}: reading it failed: ${reason}`, {
      path,
      cause: error,
    });
  }
}

/** Why a value does not travel; `located` gives it the path. */
class Refusal extends Error {
  readonly code: 'ENCODE_FAILED' | 'DEPTH_EXCEEDED';

  constructor(reason: string, code: 'ENCODE_FAILED' | 'DEPTH_EXCEEDED' = 'ENCODE_FAILED') {
    super(reason);
    this.code = code;
  }
}

// Reads values with their parts, and keys. Implements the section "Values" of docs/protocol.md.
// The bytes are not to be trusted: every length is checked against the bytes that remain before anything
// is allocated, nesting is bounded, and whatever is wrong is a `DecodeError`.

import { setOwn } from '../own-properties.js';
import { DecodeError } from '../value-errors.js';
import type { Extensions, TextReader } from './extension-tables.js';
import { notUtf8, ScalarReader } from './scalar-reader.js';
import type { ArrivedSegments } from './segment-references.js';
import { decodeUtf8 } from './text.js';

/** Makes each text anew. */
const PLAIN: TextReader = { read: decodeUtf8 };

/** Arrays up to this length are made in their exact size. */
const FEW_ITEMS = 4;

/** Reads values; `document` is the way in, the rest is for who reads one in slices. */
export class ValueReader extends ScalarReader {
  /** Containers that may still be opened inside one another. */
  depthLeft = 0;
  #keys = PLAIN;
  #texts = PLAIN;

  /** Reads from now on by these tables. */
  know(extensions: Extensions): void {
    this.extensions = extensions;
    this.#keys = extensions.keys ?? PLAIN;
    this.#texts = extensions.texts ?? PLAIN;
  }

  /** Reads the one value that `bytes` hold from `start` on. */
  document(bytes: Uint8Array, start: number, maxDepth: number, copyBytes: boolean): unknown {
    this.begin(bytes, start);
    this.depthLeft = maxDepth;
    this.copyBytes = copyBytes;
    this.hasBigInt = false;
    try {
      const value = this.value();
      this.checkEnd(start);
      return value;
    } finally {
      this.release();
      this.copyBytes = true;
    }
  }

  /** Runs a decoding of values that refer to segments, which become parts of them, each of one place. */
  withSegments<T>(segments: ArrivedSegments, decode: () => T): T {
    this.segments = segments;
    try {
      const decoded = decode();
      segments.checkAllTaken();
      return decoded;
    } finally {
      this.segments = undefined;
    }
  }

  /** Makes sure that a value which began at `start` ends where the bytes do. */
  checkEnd(start: number): void {
    if (this.position === this.end) return;
    throw new DecodeError(
      `The value ends at byte ${this.position - start}, but ${this.end - this.position} more follow.`,
    );
  }

  value(): unknown {
    this.need(1);
    const tag = this.bytes[this.position++]!;
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 0x100;
    if (tag >= 0xa0 && tag < 0xc0) return this.#shortText(tag & 0x1f, this.#texts);
    if (tag < 0x90) return this.#map(tag & 0x0f);
    if (tag < 0xa0) return this.#array(tag & 0x0f);
    if (tag < 0xdc) return this.scalar(tag);
    if (tag < 0xde) return this.#array(tag === 0xdc ? this.u16() : this.u32());
    return this.#map(tag === 0xde ? this.u16() : this.u32());
  }

  key(): unknown {
    this.need(1);
    const tag = this.bytes[this.position]!;
    if (tag < 0xa0 || tag >= 0xc0) {
      return this.value();
    }
    this.position++;
    return this.#shortText(tag & 0x1f, this.#keys);
  }

  #shortText(length: number, known: TextReader): string {
    this.need(length);
    const start = this.position;
    this.position += length;
    try {
      return known.read(this.bytes, start, this.position);
    } catch (cause) {
      throw notUtf8(start, cause);
    }
  }

  /** Opens a container; who has read it adds one to `depthLeft`. */
  enter(): void {
    if (this.depthLeft-- === 0) {
      throw new DecodeError(
        'The value nests too deeply to be decoded. Send a flat form, such as a list with indices.',
        { code: 'DEPTH_EXCEEDED' },
      );
    }
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
      setOwn(record, key, this.value());
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
}

/**
 * The one reader. Decoding calls no foreign code, so it cannot be entered twice; and with a second one, what the
 * engine has made of its code would hold for neither, and be thrown away with the reader that is.
 */
export const reader: ValueReader = new ValueReader();

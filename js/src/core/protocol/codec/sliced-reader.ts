// One large MessagePack document to a value, in slices: between two of them other work has its turn.
// Implements the section "Values" of docs/protocol.md, with the rules of `value-reader.ts`, and keeps the containers
// that are open in a list instead of on the stack.

import { setOwn } from '../own-properties.js';
import { DecodeError } from '../value-errors.js';
import type { Extensions } from './extension-tables.js';
import type { ArrivedSegments } from './segment-references.js';
import { reader } from './value-reader.js';

/** A container whose parts are being read. */
interface Open {
  parts: unknown[] | Record<string, unknown> | Map<unknown, unknown>;
  /** Parts that are still to come: of a map, pairs. */
  left: number;
  /** Of a map, the key of the pair being read. */
  key: unknown;
}

/** A container that takes no more than this is read at once, which is twice as fast. */
const SMALL_BYTES = 16_384;

/** Reads one document from `start` on; `step` until it is `whole`. Between its steps others use the reader. */
export class SlicedReader {
  /** The value, once it is whole. */
  result: unknown;
  whole = false;
  /** Whether an integer was read that no `number` holds. */
  hasBigInt = false;
  /** What came with the value beside its bytes. */
  segments: ArrivedSegments | undefined;
  readonly #extensions: Extensions;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  #position: number;
  #depthLeft: number;
  readonly #open: Open[] = [];

  constructor(bytes: Uint8Array, start: number, maxDepth: number, extensions: Extensions) {
    this.#extensions = extensions;
    this.#bytes = bytes;
    this.#start = start;
    this.#position = start;
    this.#depthLeft = maxDepth;
  }

  /**
   * Reads on, so many bytes or little more. Text, binaries, and keys that are no text are read in one go.
   *
   * @throws DecodeError when the bytes are no value.
   */
  step(bytes: number): void {
    const stop = this.#position + bytes;
    reader.begin(this.#bytes, this.#position);
    reader.depthLeft = this.#depthLeft;
    reader.hasBigInt = this.hasBigInt;
    reader.know(this.#extensions);
    reader.segments = this.segments;
    try {
      while (reader.position < stop && !this.whole) this.#readSome(stop);
      if (this.whole) reader.checkEnd(this.#start);
    } finally {
      this.#position = reader.position;
      this.#depthLeft = reader.depthLeft;
      this.hasBigInt = reader.hasBigInt;
      reader.segments = undefined;
      reader.release();
    }
  }

  /** Reads small parts of whatever is open, as far as `stop`, or else one part that is not. */
  #readSome(stop: number): void {
    const container = this.#open.at(-1);
    if (container !== undefined && !Array.isArray(container.parts)) this.#readKey(container);
    if (container !== undefined && Array.isArray(container.parts)) {
      const read = this.#readSmall(container.parts, container.left, stop);
      container.left -= read;
      if (container.left === 0) this.#close();
      else if (read === 0) this.#readPart();
    } else {
      const read: unknown[] = [];
      if (this.#readSmall(read, 1, stop) === 1) this.#put(read[0]);
      else this.#readPart();
    }
  }

  /** Segments can be taken only once, so where there are some nothing is tried that could hold one. */
  #readSmall(items: unknown[], most: number, stop: number): number {
    return this.segments === undefined
      ? readSmallItems(items, most, stop)
      : readScalars(items, most, stop);
  }

  /** Reads a value that has no parts, or opens one that has. */
  #readPart(): void {
    const length = arrayLength();
    if (length >= 0) {
      this.#enter([], length);
      return;
    }
    const size = mapLength();
    if (size >= 0) this.#enter({}, size);
    else this.#put(reader.value());
  }

  #readKey(container: Open): void {
    const key = reader.key();
    container.key = key;
    if (typeof key !== 'string' && !(container.parts instanceof Map)) {
      container.parts = new Map<unknown, unknown>(Object.entries(container.parts));
    }
  }

  #enter(parts: Open['parts'], length: number): void {
    reader.enter();
    this.#open.push({ parts, left: length, key: undefined });
    if (length === 0) this.#close();
  }

  /** Puts a whole value where it belongs, which may make that whole, too. */
  #put(value: unknown): void {
    const container = this.#open.at(-1);
    if (container === undefined) {
      this.result = value;
      this.whole = true;
      return;
    }
    const { parts, key } = container;
    if (Array.isArray(parts)) parts.push(value);
    else if (parts instanceof Map) parts.set(key, value);
    else setOwn(parts, key as string, value);
    container.left--;
    if (container.left === 0) this.#close();
  }

  #close(): void {
    const { parts } = this.#open.pop()!;
    reader.depthLeft++;
    this.#put(parts);
  }
}

/**
 * Reads up to `most` values that begin before `stop` into `items`, as long as they turn out to be small; returns
 * how many. The first that does not is left as it was.
 */
function readSmallItems(items: unknown[], most: number, stop: number): number {
  const { end, depthLeft } = reader;
  let start = reader.position;
  let count = 0;
  try {
    while (count < most && start < stop) {
      reader.end = Math.min(end, start + SMALL_BYTES);
      items.push(reader.value());
      count++;
      start = reader.position;
    }
  } catch (error) {
    if (reader.end === end || !(error instanceof DecodeError)) throw error;
    reader.position = start;
    reader.depthLeft = depthLeft;
  } finally {
    reader.end = end;
  }
  return count;
}

/** Reads up to `most` values that begin before `stop` into `items`, as long as they have no parts; returns how many. */
function readScalars(items: unknown[], most: number, stop: number): number {
  let count = 0;
  while (count < most && reader.position < stop && !atContainer()) {
    items.push(reader.value());
    count++;
  }
  return count;
}

/** Whether an array or a map begins here. */
function atContainer(): boolean {
  reader.need(1);
  const tag = reader.bytes[reader.position]!;
  return (tag >= 0x80 && tag < 0xa0) || (tag >= 0xdc && tag < 0xe0);
}

/** Passes over the head of an array and returns its length; -1 where none begins. */
function arrayLength(): number {
  reader.need(1);
  const tag = reader.bytes[reader.position]!;
  if (tag !== 0xdc && tag !== 0xdd && (tag < 0x90 || tag > 0x9f)) return -1;
  reader.position++;
  const length = tag < 0xa0 ? tag & 0x0f : tag === 0xdc ? reader.u16() : reader.u32();
  reader.need(length); // an item takes a byte at least
  return length;
}

/** Passes over the head of a map and returns how many pairs it has; -1 where none begins. */
function mapLength(): number {
  reader.need(1);
  const tag = reader.bytes[reader.position]!;
  if (tag !== 0xde && tag !== 0xdf && (tag < 0x80 || tag > 0x8f)) return -1;
  reader.position++;
  const length = tag < 0x90 ? tag & 0x0f : tag === 0xde ? reader.u16() : reader.u32();
  reader.need(2 * length); // a key and its value take a byte each at least
  return length;
}

// One large MessagePack document to a value, in slices: between two of them other work has its turn.
// Implements the section "Values" of docs/protocol.md, with the rules of `decode.ts`, and keeps the containers
// that are open in a list instead of on the stack.

import { DecodeError } from '../value-errors.js';
import { ValueReader } from './decode.js';
import { setOwn } from './own-properties.js';

/** A container whose parts are being read. */
interface Open {
  parts: unknown[] | Record<string, unknown> | Map<unknown, unknown>;
  /** Parts that are still to come: of a map, pairs. */
  left: number;
  /** Of a map, the key of the pair being read. */
  key: unknown;
}

/** A container of few parts that takes no more than this is read at once, which is twice as fast. */
const SMALL_BYTES = 16 * 1024;

/** Reads one document from `start` on; `step` until it is `whole`. */
export class SlicedReader extends ValueReader {
  /** The value, once it is whole. */
  result: unknown;
  whole = false;
  readonly #start: number;
  readonly #open: Open[] = [];

  constructor(bytes: Uint8Array, start: number, maxDepth: number) {
    super();
    this.begin(bytes, start);
    this.#start = start;
    this.depthLeft = maxDepth;
  }

  /**
   * Reads on, so many bytes or little more. Text, binaries, and keys that are no text are read in one go.
   *
   * @throws DecodeError when the bytes are no value.
   */
  step(bytes: number): void {
    const most = this.position + bytes;
    while (this.position < most && !this.whole) {
      this.#readOne();
    }
    if (!this.whole) return;
    if (this.position !== this.end) throw this.surplus(this.#start);
    this.release();
  }

  /** Reads a value that has no parts or only small ones, or opens one that has more. */
  #readOne(): void {
    const container = this.#open.at(-1);
    if (container !== undefined && !Array.isArray(container.parts)) this.#readKey(container);
    if (this.#readSmall()) return;
    const length = this.arrayLength();
    if (length >= 0) {
      this.#enter([], length);
      return;
    }
    const size = this.mapLength();
    if (size >= 0) this.#enter({}, size);
    else this.#put(this.value());
  }

  /**
   * Reads a container of few parts if it turns out to be small; otherwise leaves everything as it was.
   * Segments can be taken only once, so beside some it is not tried.
   */
  #readSmall(): boolean {
    const { position, end, depthLeft } = this;
    const tag = position < end ? this.bytes[position]! : 0;
    if (tag < 0x80 || tag > 0x9f || this.segments !== undefined) return false;
    this.end = Math.min(end, position + SMALL_BYTES);
    try {
      this.#put(this.value());
      return true;
    } catch (error) {
      if (this.end === end || !(error instanceof DecodeError)) throw error;
      this.position = position;
      this.depthLeft = depthLeft;
      return false;
    } finally {
      this.end = end;
    }
  }

  #readKey(container: Open): void {
    const key = this.key();
    container.key = key;
    if (typeof key !== 'string' && !(container.parts instanceof Map)) {
      container.parts = new Map<unknown, unknown>(Object.entries(container.parts));
    }
  }

  #enter(parts: Open['parts'], length: number): void {
    this.enter();
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
    this.depthLeft++;
    this.#put(parts);
  }
}

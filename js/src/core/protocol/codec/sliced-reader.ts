// One large MessagePack document to a value, in slices: between two of them other work has its turn.
// Implements the section "Values" of docs/protocol.md, with the rules of `decode.ts`, and keeps the containers
// that are open in a list instead of on the stack.

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

/** What a value may cost in bytes that are copied, compared with one that costs none. */
const BYTES_PER_VALUE = 64;

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
   * Reads on, `values` values or what takes as long. A key that is no text is read in one go.
   *
   * @throws DecodeError when the bytes are no value.
   */
  step(values: number): void {
    const most = this.position + values * BYTES_PER_VALUE;
    for (let left = values; left > 0 && this.position < most && !this.whole; left--) {
      this.#readOne();
    }
    if (!this.whole) return;
    if (this.position !== this.end) throw this.surplus(this.#start);
    this.release();
  }

  /** Reads a value that has no parts, or opens one that has. */
  #readOne(): void {
    const container = this.#open.at(-1);
    if (container !== undefined && !Array.isArray(container.parts)) this.#readKey(container);
    const length = this.arrayLength();
    if (length >= 0) {
      this.#enter([], length);
      return;
    }
    const size = this.mapLength();
    if (size >= 0) this.#enter({}, size);
    else this.#put(this.value());
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

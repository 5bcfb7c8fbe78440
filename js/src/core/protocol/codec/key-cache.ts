// The keys of maps, which come again and again: each is made text once. Knows no values.

import { readUtf8 } from './text.js';

const CACHED_KEYS = 1024;
const CACHED_KEY_BYTES = 32;

/**
 * The keys of maps, which come again and again: a hit spares making the string and looking it up in the
 * engine's table of property names. Bounded: a key has two places, and a new one drives out the older.
 */
export class KeyCache {
  readonly #bytes: (Uint8Array | undefined)[] = new Array(CACHED_KEYS).fill(undefined);
  readonly #keys: string[] = new Array(CACHED_KEYS).fill('');

  /** Returns the text of `bytes` from `start` to `end`. @throws TypeError when it is not UTF-8. */
  read(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > CACHED_KEY_BYTES) {
      return readUtf8(bytes, start, end);
    }
    let hash = end - start;
    for (let index = start; index < end; index++) {
      hash = Math.imul(hash, 31) + bytes[index]!;
    }
    // Both places of a key are those of its neighbours too: none may drive out one that has not been there longest.
    const first = (hash ^ (hash >>> 15)) & (CACHED_KEYS - 2);
    const second = first + 1;
    if (holds(this.#bytes[first], bytes, start, end)) return this.#keys[first]!;
    if (holds(this.#bytes[second], bytes, start, end)) return this.#keys[second]!;
    const key = readUtf8(bytes, start, end);
    this.#bytes[second] = this.#bytes[first];
    this.#keys[second] = this.#keys[first]!;
    this.#bytes[first] = Uint8Array.from(bytes.subarray(start, end));
    this.#keys[first] = key;
    return key;
  }
}

function holds(
  known: Uint8Array | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (known === undefined || known.length !== end - start) return false;
  for (let index = 0; index < known.length; index++) {
    if (known[index] !== bytes[start + index]) return false;
  }
  return true;
}

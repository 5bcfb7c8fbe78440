// Short texts that come again and again, such as the keys of maps: each is made once. Knows no values.

import { readUtf8 } from './short-text.js';

/** 2^32 by the golden ratio: what differs in the low bits of a hash then differs in the high ones. */
const SPREAD = 0x9e3779b1;

/** Hits count two, and misses one down: what is kept beyond a third of the texts that come is worth looking for. */
const MOST_CREDIT = 64;
const FIRST_CREDIT = 16;
/** Texts that are read without looking for them, once too many were not there. */
const REST_TEXTS = 256;

/**
 * The texts that were read last, by their bytes: a hit spares making the text, the memory it would take, and, for a
 * key, looking it up in the engine's table of property names. Bounded: a text has two places, and a new one drives
 * out the older. To keep a text that never comes again costs three times as much as to make it, so where most are of
 * that kind it rests for a while.
 */
export class TextCache {
  readonly #mostBytes: number;
  readonly #evenPlaces: number;
  /** Of each place the text, how long its bytes are, and these, in one array for all places. */
  readonly #texts: string[];
  readonly #lengths: Uint8Array;
  readonly #bytes: Uint8Array;
  #credit = FIRST_CREDIT;
  #rest = 0;

  /** @param places a power of two @param mostBytes of a text that is kept; 255 at most */
  constructor(places: number, mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#evenPlaces = places - 2;
    this.#texts = new Array(places).fill('');
    this.#lengths = new Uint8Array(places);
    this.#bytes = new Uint8Array(places * mostBytes);
  }

  /** Returns the text of `bytes` from `start` to `end`. @throws TypeError when it is not UTF-8. */
  read(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > this.#mostBytes || this.#rests()) return readUtf8(bytes, start, end);
    let hash = length;
    for (let index = start; index < end; index++) {
      hash = Math.imul(hash, 31) + bytes[index]!;
    }
    // Both places of a text are those of its neighbours too: none may drive out one that has not been there longest.
    const first = (Math.imul(hash, SPREAD) >>> 16) & this.#evenPlaces;
    if (this.#holds(first, bytes, start, length)) return this.#found(first);
    if (this.#holds(first + 1, bytes, start, length)) return this.#found(first + 1);
    const text = readUtf8(bytes, start, end);
    this.#keep(first, text, bytes, start, length);
    return text;
  }

  #rests(): boolean {
    if (this.#rest === 0) return false;
    this.#rest--;
    return true;
  }

  #found(place: number): string {
    if (this.#credit < MOST_CREDIT) this.#credit += 2;
    return this.#texts[place]!;
  }

  #holds(place: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.#lengths[place] !== length) return false;
    const at = place * this.#mostBytes;
    for (let index = 0; index < length; index++) {
      if (this.#bytes[at + index] !== bytes[start + index]) return false;
    }
    return true;
  }

  #keep(place: number, text: string, bytes: Uint8Array, start: number, length: number): void {
    if (--this.#credit === 0) {
      this.#credit = FIRST_CREDIT;
      this.#rest = REST_TEXTS;
    }
    const at = place * this.#mostBytes;
    const olderLength = this.#lengths[place]!;
    for (let index = at; index < at + olderLength; index++) {
      this.#bytes[index + this.#mostBytes] = this.#bytes[index]!;
    }
    for (let index = 0; index < length; index++) this.#bytes[at + index] = bytes[start + index]!;
    this.#lengths[place + 1] = olderLength;
    this.#lengths[place] = length;
    this.#texts[place + 1] = this.#texts[place]!;
    this.#texts[place] = text;
  }
}

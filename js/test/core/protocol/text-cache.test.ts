// The cache of texts: what it knows it does not make again, what it cannot hold it reads right all the same.
import { describe, expect, it, jest } from '@jest/globals';
import { TextCache } from '../../../src/core/protocol/codec/text-cache.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const readAll = (cache: TextCache, texts: readonly string[]): string[] =>
  texts.map(bytesOf).map((bytes) => cache.read(bytes, 0, bytes.length));

/** How many of these texts it makes. */
function madeOf(cache: TextCache, texts: readonly string[]): number {
  const made = jest.spyOn(String, 'fromCharCode');
  try {
    expect(readAll(cache, texts)).toEqual(texts);
    return made.mock.calls.length;
  } finally {
    made.mockRestore();
  }
}

const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, number) => `${name}${number}`);

describe('TextCache', () => {
  const keys = ['a', 'b', 'c', 'x1', 'x2', 'x3', 'id', 'name', 'score', 'active', '', 'é', '漢'];

  it('reads texts that it knows without making them again', () => {
    const cache = new TextCache(1024, 31);
    expect(readAll(cache, keys)).toEqual(keys);
    expect(madeOf(cache, keys)).toBe(0);
  });

  it('keeps nearly all of as many as its even places', () => {
    const cache = new TextCache(2048, 15);
    const symbols = numbered(1000, 'S');
    readAll(cache, [...symbols.slice(0, 10), ...symbols.slice(0, 10)]);
    for (let start = 0; start < 1000; start += 10) {
      const some = symbols.slice(start, start + 10);
      readAll(cache, [...some, ...some]);
    }
    expect(madeOf(cache, symbols)).toBeLessThan(250);
  });

  it('gives the right text for each of more than it can hold, and of those that are too long', () => {
    const cache = new TextCache(64, 8);
    const many = numbered(500, 'key');
    const twice = [...many, ...many, 'nine char', 'nine chaR', 'x'.repeat(300)];
    const mixed = twice.flatMap((text) => [text, 'key', 'no', text]);
    expect(readAll(cache, mixed)).toEqual(mixed);
  });

  it('rests where no text comes again, and looks again later', () => {
    const cache = new TextCache(64, 8);
    readAll(cache, numbered(16, 'a'));
    expect(madeOf(cache, Array(256).fill('again'))).toBe(256);
    expect(madeOf(cache, Array(256).fill('again'))).toBe(1);
  });

  it('goes on where every other text comes again', () => {
    const cache = new TextCache(2048, 8);
    const mixed = numbered(600, 'a').flatMap((text) => [text, 'again']);
    expect(madeOf(cache, mixed)).toBeLessThan(620);
  });
});

// Text, read by hand where it is short and ASCII, and the cache of keys.
import { describe, expect, it, jest } from '@jest/globals';
import { KeyCache, readUtf8 } from '../../../src/core/protocol/codec/text.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('text', () => {
  it.each(Array.from({ length: 60 }, (_, length) => length))(
    'of %i characters is read, with and without one beyond ASCII anywhere',
    (length) => {
      const plain = Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
      const texts = [plain];
      for (let at = 0; at < length; at++)
        texts.push(`${plain.slice(0, at)}é${plain.slice(at + 1)}`);
      for (const text of texts) {
        const bytes = bytesOf(`<${text}>`);
        expect(readUtf8(bytes, 1, bytes.length - 1)).toBe(text);
      }
    },
  );
});

describe('KeyCache', () => {
  const keys = ['a', 'b', 'c', 'x1', 'x2', 'x3', 'id', 'name', 'score', 'active'];

  it('reads keys that it knows without making text of them again', () => {
    const cache = new KeyCache();
    const encoded = keys.map(bytesOf);
    const read = () => encoded.map((bytes) => cache.read(bytes, 0, bytes.length));
    expect(read()).toEqual(keys);
    const made = jest.spyOn(String, 'fromCharCode');
    try {
      expect(read()).toEqual(keys);
      expect(made).not.toHaveBeenCalled();
    } finally {
      made.mockRestore();
    }
  });

  it('gives the right key for each of more than it can hold', () => {
    const cache = new KeyCache();
    const many = Array.from({ length: 5000 }, (_, number) => `key${number}`);
    const encoded = [...many, ...many].map(bytesOf);
    expect(encoded.map((bytes) => cache.read(bytes, 0, bytes.length))).toEqual([...many, ...many]);
  });
});

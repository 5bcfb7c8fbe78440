// The cache of keys: what it knows it does not make again, and what it cannot hold it reads right all the same.
import { describe, expect, it, jest } from '@jest/globals';
import { KeyCache } from '../../../src/core/protocol/codec/key-cache.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

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

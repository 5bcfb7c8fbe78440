// Streams as arguments: what is pulled of them goes by plan, one item after the other.

import { expect, test } from '@jest/globals';
import { plan } from '../../../src/core/schema/index.js';
import { thrownBy } from '../protocol/vectors.js';

async function collected(value: unknown): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of value as AsyncIterable<unknown>) items.push(item);
  return items;
}

test.each<[string, () => Iterable<bigint> | AsyncIterable<bigint>]>([
  ['an iterator', () => [0n, 5000n].values()],
  [
    'a generator',
    function* () {
      yield* [0n, 5000n];
    },
  ],
  [
    'an async generator',
    async function* () {
      yield* [0n, 5000n];
    },
  ],
  ['a collection of its own kind', () => ({ [Symbol.iterator]: () => [0n, 5000n].values() })],
])('items go by plan: those of %s', async (_, make) => {
  const written = plan.stream(plan.nanoseconds).encode(make());
  expect(Array.isArray(written)).toBe(false);
  expect(await collected(written)).toEqual([new Date(0), new Date(0)]);
});

test('arrays and sets travel whole', () => {
  const type = plan.stream(plan.nanoseconds);
  expect(type.encode([0n])).toEqual([new Date(0)]);
  expect(type.encode(new Set([0n]))).toEqual([new Date(0)]);
  const given = [1, 2];
  expect(plan.stream().encode(given)).toBe(given);
});

test('nothing is pulled before it is asked for, and the source is closed when it is left', async () => {
  const seen: string[] = [];
  function* source(): Generator<number> {
    seen.push('starts');
    try {
      yield 1;
      yield 2;
    } finally {
      seen.push('ends');
    }
  }
  const written = plan.stream(plan.integer).encode(source()) as AsyncGenerator<unknown>;
  expect(seen).toEqual([]);
  for await (const item of written) {
    expect(item).toBe(1);
    break;
  }
  expect(seen).toEqual(['starts', 'ends']);
});

test('an item that its codec refuses says which it is', async () => {
  const refusing = {
    encode: () => {
      throw new Error('not this one');
    },
    decode: (value: unknown) => value,
  };
  const type = plan.stream(plan.object({ at: plan.custom(refusing) }));
  const written = type.encode([{ at: 1 }].values(), 'rows');
  await expect(collected(written)).rejects.toThrow(/rows\[0\]\.at/);
});

test('what is no stream goes as it is, for Python to refuse', () => {
  for (const value of ['text', 5, null, { next: 1 }]) {
    expect(plan.stream().encode(value as never)).toBe(value);
  }
});

test('no stream travels from Python', () => {
  expect(thrownBy(() => plan.stream().decode([1])).message).toMatch(/streams are what methods/);
});

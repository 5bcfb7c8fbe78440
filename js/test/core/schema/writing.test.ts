// What plans make of a caller's values: copies where something changes, the values themselves otherwise.

import { expect, jest, test } from '@jest/globals';
import { nanosecondsOf } from '../../../src/core/protocol/codec/exact-times.js';
import { NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { type Plan, plan } from '../../../src/core/schema/index.js';
import { thrownBy } from '../protocol/vectors.js';
import { echoed, received, sent } from './wire.js';

const money = {
  decode: (text: string) => ({ cents: Number(text) }),
  encode: (value: { cents: number }) => String(value.cents),
};

test.each<[string, Plan, unknown]>([
  ['a date', plan.date, new Date(0)],
  ['a map', plan.map(plan.integer, plan.date), new Map()],
  ['a set', plan.set(plan.string), new Set(['a'])],
  ['a bigint', plan.bigint, 1n],
  ['an object of such', plan.object({ a: plan.array(plan.date) }), { a: [new Date(0)] }],
  ['a tagged object of such', plan.tagged('kind', { a: plan.any }), { kind: 'a' }],
  ['an array of numbers', plan.ndarray('float64'), new NdArray(new Float64Array(1))],
  ['a bare array of numbers', plan.ndarray('float64'), new Float64Array(1)],
])('%s is written as it is', (_, type, value) => {
  expect(type.encode(value)).toBe(value);
});

test.each<[string, Plan]>([
  ['object', plan.object({ aB: plan.renamed('a_b') })],
  ['array', plan.array(plan.custom(money))],
  ['tuple', plan.tuple(plan.custom(money))],
  ['set', plan.set(plan.custom(money))],
  ['record', plan.record(plan.custom(money))],
  ['map', plan.map(plan.any, plan.custom(money))],
  ['nanoseconds', plan.nanoseconds],
  ['ndarray', plan.ndarray('bool')],
  ['callback', plan.callback({ args: [plan.date] })],
  ['tagged', plan.tagged('kind', { a: plan.custom(money) })],
])('what is no %s goes as it is, for Python to refuse', (_, type) => {
  for (const value of [5, 'a', null, true]) expect(type.encode(value)).toBe(value);
});

test('the caller keeps its values as they were', () => {
  const type = plan.object({
    prices: plan.array(plan.custom(money, plan.string)),
    byName: plan.renamed('by_name', plan.record(plan.custom(money))),
    pair: plan.tuple(plan.custom(money), plan.any),
    left: plan.optional(plan.custom(money)),
  });
  const value = {
    prices: [{ cents: 1 }],
    byName: { a: { cents: 2 } },
    pair: [{ cents: 3 }, 0] as [{ cents: number }, unknown],
    more: 'x',
  };
  const before = structuredClone(value);
  expect(type.encode(value)).toEqual({
    prices: ['1'],
    by_name: { a: '2' },
    pair: ['3', 0],
    more: 'x',
  });
  expect(value).toEqual(before);
  expect(echoed(type, value)).toEqual(value);
});

test('fields that are undefined stay out', () => {
  const type = plan.object({ aB: plan.renamed('a_b', plan.optional(plan.custom(money))) });
  expect(sent(type.encode({ aB: undefined } as never))).toEqual({});
});

test('an object of the caller’s own class is written by its fields', () => {
  class Order {
    maxPrice = 5;
  }
  const type = plan.object({ maxPrice: plan.renamed('max_price', plan.integer) });
  expect(type.encode(new Order())).toEqual({ max_price: 5 });
});

test('names that every object inherits can be written', () => {
  const type = plan.record(plan.custom(money));
  const value = JSON.parse('{"__proto__": {"cents": 1}, "constructor": {"cents": 2}}');
  expect(echoed(type, value)).toEqual(value);
});

test('whole microseconds of a time are sent, the rest is cut off towards the past', () => {
  const there = (value: bigint) => nanosecondsOf(plan.nanoseconds.encode(value) as Date);
  expect(there(1_704_164_645_678_901_999n)).toBe(1_704_164_645_678_901_000n);
  expect(there(-1n)).toBe(-1000n);
  expect(echoed(plan.nanoseconds, 1_704_164_645_678_901_000n)).toBe(1_704_164_645_678_901_000n);
});

test('bytes are bools, and floats complex numbers, where the array says so', () => {
  expect(sent(plan.ndarray('bool').encode(new Uint8Array([1, 0]) as never))).toMatchObject({
    dtype: 'bool',
    shape: [2],
  });
  expect(sent(plan.ndarray('uint8').encode(new Uint8Array([1, 0]) as never))).toMatchObject({
    dtype: 'uint8',
  });
  expect(sent(plan.ndarray('complex64').encode(new Float32Array(4) as never))).toMatchObject({
    dtype: 'complex64',
    shape: [2],
  });
  expect(sent(plan.ndarray('complex128').encode(new Float64Array(4) as never))).toMatchObject({
    dtype: 'complex128',
    shape: [2],
  });
  expect(sent(plan.ndarray('complex64').encode(new Float32Array(3) as never))).toMatchObject({
    dtype: 'float32',
    shape: [3],
  });
});

test('a structure that contains itself is refused', () => {
  const tree: Plan = plan.object({
    price: plan.custom(money),
    next: plan.optional(plan.lazy(() => tree)),
  });
  const value: Record<string, unknown> = { price: { cents: 1 } };
  value.next = value;
  expect(thrownBy(() => tree.encode(value)).code).toBe('DEPTH_EXCEEDED');
});

test('the deepest value there may be is written and read, and a deeper one refused', () => {
  const nest: Plan = plan.array(plan.lazy(() => nest));
  const deep = (levels: number): unknown[] => (levels === 1 ? [] : [deep(levels - 1)]);
  expect(echoed(nest, deep(128))).toEqual(deep(128));
  expect(thrownBy(() => nest.encode(deep(130))).code).toBe('DEPTH_EXCEEDED');
});

test('a tree is written and read', () => {
  const tree: Plan = plan.object({
    at: plan.nanoseconds,
    children: plan.array(plan.lazy(() => tree)),
  });
  const value = {
    at: 1000n,
    children: [
      { at: 2000n, children: [] },
      { at: 3000n, children: [] },
    ],
  };
  expect(echoed(tree, value)).toEqual(value);
  expect(tree.expected()).toBe('an object');
  const json: Plan = plan.nullable(
    plan.union(
      plan.string,
      plan.lazy(() => json),
    ),
  );
  expect(json.expected()).toBe('str | str | … | None | None');
});

test('a codec that fails is told with its place', () => {
  const broken = {
    decode: () => {
      throw new Error('no');
    },
    encode: () => {
      throw new TypeError('never');
    },
  };
  const type = plan.array(plan.custom(broken));
  const unread = thrownBy(() => received(type, [1]));
  expect(unread).toMatchObject({ code: 'RESULT_INVALID', path: '$[0]', got: 'int 1' });
  expect(unread.message).toContain('The codec failed: no');
  expect(unread.cause).toEqual(new Error('no'));
  const error = thrownBy(() => type.encode([1] as never, 'prices'));
  expect(error).toMatchObject({ code: 'ENCODE_FAILED', path: 'prices[0]' });
  expect(error.message).toContain('never');
  expect(error.cause).toBeInstanceOf(TypeError);
});

test('a service comes as an instance, once there is a client', () => {
  class Counter {}
  const service = jest.fn((_type: unknown, _id: number) => new Counter());
  const type = plan.array(plan.service(() => Counter));
  expect(type.decode([7], '$', { service })).toEqual([new Counter()]);
  expect(service).toHaveBeenCalledWith(Counter, 7);
  expect(() => type.decode([7])).toThrow('No client');
});

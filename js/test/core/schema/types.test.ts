// The types that plans have for their values; the compiler is what tests them.

import { expect, test } from '@jest/globals';
import { NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { type Codec, type Plan, plan, type ValueOf } from '../../../src/core/schema/index.js';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where the plan's values are exactly of type `T`. */
function is<T>() {
  return <P extends Plan>(_: P & (Equal<ValueOf<P>, T> extends true ? unknown : never)): true =>
    true;
}

test('a plan knows the type of its values', () => {
  class Counter {
    count = 0;
  }
  const money: Codec<{ cents: number }, string> = {
    decode: (text) => ({ cents: Number(text) }),
    encode: (value) => String(value.cents),
  };
  const results = [
    is<unknown>()(plan.any),
    is<null>()(plan.none),
    is<boolean>()(plan.boolean),
    is<string>()(plan.string),
    is<number>()(plan.number),
    is<number>()(plan.integer),
    is<bigint>()(plan.bigint),
    is<Uint8Array>()(plan.bytes),
    is<readonly [re: number, im: number]>()(plan.complex),
    is<'a' | 1 | null>()(plan.literal('a', 1, null)),
    is<Date>()(plan.date),
    is<bigint>()(plan.nanoseconds),
    is<Date[]>()(plan.array(plan.date)),
    is<Set<bigint>>()(plan.set(plan.bigint)),
    is<Set<unknown>>()(plan.set()),
    is<[Date, string]>()(plan.tuple(plan.date, plan.string)),
    is<[Date, ...string[]]>()(plan.openTuple([plan.date], plan.string)),
    is<[...string[], Date]>()(plan.openTuple([], plan.string, [plan.date])),
    is<Record<string, Date>>()(plan.record(plan.date)),
    is<Map<number, Date>>()(plan.map(plan.integer, plan.date)),
    is<Map<unknown, unknown>>()(plan.map()),
    is<Date | null>()(plan.nullable(plan.date)),
    is<string | Date>()(plan.union(plan.string, plan.date)),
    is<Date>()(plan.lazy(() => plan.date)),
    is<NdArray<BigInt64Array>>()(plan.ndarray('int64', [null, 3])),
    is<{ cents: number }>()(plan.custom(money, plan.string)),
    is<Counter>()(plan.service(() => Counter)),
  ];
  expect(results.every(Boolean)).toBe(true);
});

test('an object has the types of its fields', () => {
  const type = plan.object({
    at: plan.date,
    depth: plan.optional(plan.integer),
    maxSize: plan.renamed('max_size', plan.bigint),
    minSize: plan.renamed('min_size', plan.optional(plan.bigint)),
  });
  const value: { at: Date; depth?: number; maxSize: bigint; minSize?: bigint } = type.decode({
    at: new Date(0),
    max_size: 1,
  });
  expect(value).toEqual({ at: new Date(0), maxSize: 1n });
  // @ts-expect-error: what may be absent is no number until it is looked at
  const depth: number = type.decode({ at: new Date(0), max_size: 1 }).depth;
  expect(depth).toBeUndefined();
  const tree: Plan = plan.object({ children: plan.array(plan.lazy(() => tree)) });
  expect(tree.decode({ children: [] })).toEqual({ children: [] });
});

test('an array of numbers knows what holds them', () => {
  const array: NdArray<Float32Array> = new NdArray(new Float32Array(2), [2]);
  const bigints: NdArray<BigInt64Array> = NdArray.from([1n], 'int64');
  const floats: NdArray<Float64Array> = NdArray.from([[1]]);
  // @ts-expect-error: there is no such dtype
  expect(() => NdArray.from([1], 'float16')).toThrow('no dtype float16');
  expect([array.data[0], bigints.data[0], floats.data[0]]).toEqual([0, 1n, 1]);
});

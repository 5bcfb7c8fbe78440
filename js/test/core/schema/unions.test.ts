// How a union finds out which of its types a value is of.

import { expect, test } from '@jest/globals';
import { type Plan, plan } from '../../../src/core/schema/index.js';
import { echoed, received } from './wire.js';

const AT = new Date('2024-01-02T03:04:05.678Z');
const circle = plan.object({ radius: plan.bigint });
const label = plan.object({ text: plan.string, at: plan.optional(plan.nanoseconds) });

test.each<[string, Plan, unknown, unknown]>([
  ['scalars, first', plan.union(plan.bigint, plan.string), 1, 1n],
  ['scalars, second', plan.union(plan.bigint, plan.string), 'a', 'a'],
  ['an int before a float', plan.union(plan.bigint, plan.number), 1, 1n],
  ['a float after an int', plan.union(plan.bigint, plan.number), 1.5, 1.5],
  ['a list or one', plan.union(plan.bigint, plan.array(plan.bigint)), [1], [1n]],
  [
    'lists by their items',
    plan.union(plan.array(plan.string), plan.set(plan.bigint)),
    [1],
    new Set([1n]),
  ],
  ['an empty list', plan.union(plan.array(plan.string), plan.set(plan.bigint)), [], []],
  [
    'tuples by their length',
    plan.union(plan.tuple(plan.any), plan.tuple(plan.bigint, plan.bigint)),
    [1, 2],
    [1n, 2n],
  ],
  [
    'objects by their fields',
    plan.union(circle, label),
    { text: 'a', at: AT },
    { text: 'a', at: 1704164645678000000n },
  ],
  [
    'objects by the types of fields',
    plan.union(plan.object({ a: plan.string }), plan.object({ a: plan.bigint })),
    { a: 1 },
    { a: 1n },
  ],
  [
    'the object that names every field',
    plan.union(plan.object({ a: plan.any }), plan.object({ a: plan.any, b: plan.bigint })),
    { a: 1, b: 2 },
    { a: 1, b: 2n },
  ],
  [
    'an object with fields nobody names',
    plan.union(plan.object({ a: plan.bigint }), plan.string),
    { a: 1, z: 0 },
    { a: 1n, z: 0 },
  ],
  ['an object or a record', plan.union(circle, plan.record(plan.string)), { x: 'a' }, { x: 'a' }],
  [
    'an object or a map',
    plan.union(circle, plan.map(plan.integer)),
    new Map([[1, 2]]),
    new Map([[1, 2]]),
  ],
  ['a datetime or text', plan.union(plan.nanoseconds, plan.string), AT, 1704164645678000000n],
  ['None', plan.nullable(plan.union(circle, label)), null, null],
  ['a union in a union', plan.union(plan.union(plan.string, plan.none), plan.bigint), 1, 1n],
  [
    'a custom type',
    plan.union(
      plan.custom({ decode: (text) => `<${text}>`, encode: String }, plan.string),
      plan.bigint,
    ),
    'a',
    '<a>',
  ],
])('%s', (_, type, wire, value) => {
  expect(received(type, wire)).toStrictEqual(value);
});

test('a value that fits no object deep down is refused where it does not', () => {
  const type = plan.union(
    plan.object({ kind: plan.string, a: plan.object({ b: plan.string }) }),
    plan.object({ kind: plan.string, c: plan.string }),
  );
  expect(() => received(type, { kind: 'x', a: { b: 1 } })).toThrow('$.a.b must be str, got int 1');
});

test('options that nest in one another cost no more than their bound', () => {
  const left: Plan = plan.object({ next: plan.optional(plan.lazy(() => either)), x: plan.string });
  const right: Plan = plan.object({ next: plan.optional(plan.lazy(() => either)), x: plan.bigint });
  const either = plan.union(left, right);
  let wire: unknown = { x: 0 };
  for (let level = 0; level < 100; level++) wire = { next: wire, x: level % 2 === 0 ? 'a' : 1 };
  let read = received(either, wire) as { next?: unknown; x: unknown };
  for (let level = 99; level >= 0; level--) {
    expect(read.x).toBe(level % 2 === 0 ? 'a' : 1n);
    read = read.next as typeof read;
  }
  expect(read).toEqual({ x: 0n });
});

test('a tag tells objects apart', () => {
  const shape = plan.tagged('kind', { circle, label, 1: plan.any });
  expect(received(shape, { kind: 'circle', radius: 1 })).toEqual({ kind: 'circle', radius: 1n });
  expect(received(shape, { kind: 1, radius: 1 })).toEqual({ kind: 1, radius: 1 });
  expect(echoed(shape, { kind: 'label', text: 'a', at: 5000n } as never)).toEqual({
    kind: 'label',
    text: 'a',
    at: 5000n,
  });
  expect(() => received(shape, { kind: 'square' })).toThrow(
    'must be an object whose kind is "1" | "circle" | "label", got str "square"',
  );
  expect(() => received(shape, { kind: 'toString' })).toThrow('got str "toString"');
  expect(() => received(shape, { radius: 1 })).toThrow('got nothing');
  expect(() => received(shape, [1])).toThrow('got list of 1');
  expect(() => received(shape, { kind: 'circle', radius: 'x' })).toThrow('$.radius');
});

test('a tag may have another name here', () => {
  const shape = plan.tagged(
    'shape_kind',
    {
      round: plan.object({
        shapeKind: plan.renamed('shape_kind'),
        maxSize: plan.renamed('max_size'),
      }),
      flat: plan.object({ shapeKind: plan.renamed('shape_kind') }),
    },
    'shapeKind',
  );
  const round = { shapeKind: 'round', maxSize: 1 };
  expect(shape.encode(round as never)).toEqual({ shape_kind: 'round', max_size: 1 });
  expect(echoed(shape, round as never)).toEqual(round);
});

test('a caller’s value is written by the option it looks like', () => {
  const named = plan.object({ maxDepth: plan.renamed('max_depth', plan.integer) });
  const other = plan.object({ minDepth: plan.renamed('min_depth', plan.integer) });
  const type = plan.union(
    named,
    other,
    plan.array(plan.nanoseconds),
    plan.map(plan.integer, plan.nanoseconds),
  );
  expect(type.encode({ minDepth: 1 } as never)).toEqual({ min_depth: 1 });
  expect(type.encode([5000n] as never)).toEqual([new Date(0)]);
  expect(type.encode(new Map([[1, 0n]]) as never)).toEqual(new Map([[1, new Date(0)]]));
  const strange = Symbol('no type at all');
  expect(type.encode(strange as never)).toBe(strange);
});

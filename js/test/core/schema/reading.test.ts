// What plans make of what comes, and what they refuse.

import { describe, expect, test } from '@jest/globals';
import { NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { IntegerRangeError, ResultError } from '../../../src/core/protocol/errors.js';
import { type Plan, plan } from '../../../src/core/schema/index.js';
import { thrownBy } from '../protocol/vectors.js';
import { received, sent } from './wire.js';

const AT = new Date('2024-01-02T03:04:05.678Z');

test.each<[string, Plan, unknown, unknown]>([
  ['any', plan.any, [1, 'a', 2n ** 60n], [1, 'a', 2n ** 60n]],
  ['none', plan.none, null, null],
  ['boolean', plan.boolean, true, true],
  ['string', plan.string, 'a', 'a'],
  ['number', plan.number, 0.5, 0.5],
  ['number of an int', plan.number, 1, 1],
  ['integer', plan.integer, Number.MAX_SAFE_INTEGER, 9007199254740991],
  ['small bigint', plan.bigint, 7, 7n],
  ['large bigint', plan.bigint, 2n ** 70n, 2n ** 70n],
  ['complex', plan.complex, [1, -2.5], [1, -2.5]],
  ['bytes', plan.bytes, new Uint8Array([1]), new Uint8Array([1])],
  ['literal', plan.literal('a', 1, true, null), 1, 1],
  ['date', plan.date, AT, AT],
  ['nanoseconds', plan.nanoseconds, AT, 1704164645678000000n],
  ['array', plan.array(plan.bigint), [1, 2], [1n, 2n]],
  ['set', plan.set(plan.bigint), [1, 2], new Set([1n, 2n])],
  ['set of anything', plan.set(), ['a', null], new Set(['a', null])],
  ['empty set', plan.set(plan.string), [], new Set()],
  ['tuple', plan.tuple(plan.bigint, plan.any), [1, 2], [1n, 2]],
  ['empty tuple', plan.tuple(), [], []],
  ['open tuple', plan.openTuple([plan.bigint], plan.any), [1, 2, 'a'], [1n, 2, 'a']],
  [
    'open tuple of the fewest',
    plan.openTuple([plan.bigint], plan.string, [plan.any]),
    [1, 2],
    [1n, 2],
  ],
  [
    'open tuple with more in the middle',
    plan.openTuple([plan.any], plan.bigint, [plan.string]),
    [1, 2, 3, 'a'],
    [1, 2n, 3n, 'a'],
  ],
  ['record', plan.record(plan.bigint), { a: 1, b: 2 }, { a: 1n, b: 2n }],
  ['map', plan.map(plan.integer, plan.bigint), new Map([[1, 2]]), new Map([[1, 2n]])],
  ['map with text as keys', plan.map(), { a: 1 }, new Map([['a', 1]])],
  ['empty map', plan.map(plan.integer), {}, new Map()],
  ['map with bigints as keys', plan.map(plan.bigint), new Map([[1, 2]]), new Map([[1n, 2]])],
  ['object', plan.object({ a: plan.bigint }), { a: 1, b: 2 }, { a: 1n, b: 2 }],
  [
    'optional field that is there',
    plan.object({ a: plan.optional(plan.bigint) }),
    { a: 1 },
    { a: 1n },
  ],
  ['optional field that is not', plan.object({ a: plan.optional(plan.bigint) }), {}, {}],
  [
    'renamed fields',
    plan.object({
      priceUsd: plan.renamed('price_usd'),
      maxDepth: plan.renamed('max_depth', plan.bigint),
    }),
    { x: 0, price_usd: 1.5, max_depth: 3 },
    { x: 0, priceUsd: 1.5, maxDepth: 3n },
  ],
  ['nullable that is', plan.nullable(plan.bigint), null, null],
  ['nullable that is not', plan.nullable(plan.bigint), 1, 1n],
  [
    'ndarray',
    plan.ndarray('int8', [null, 2]),
    NdArray.from([[1, 2]], 'int8'),
    NdArray.from([[1, 2]], 'int8'),
  ],
])('%s is read', (_, type, wire, value) => {
  expect(received(type, wire)).toStrictEqual(value);
});

test.each<[string, Plan, unknown, string, string, string]>([
  ['none', plan.none, 1, '$', 'None', 'int 1'],
  ['boolean', plan.boolean, 1, '$', 'bool', 'int 1'],
  ['string', plan.string, null, '$', 'str', 'None'],
  ['number', plan.number, 'abc', '$', 'float', 'str "abc"'],
  ['integer of a float', plan.integer, 1.5, '$', 'int', 'float 1.5'],
  ['integer of a bool', plan.integer, true, '$', 'int', 'bool True'],
  ['integer of a huge float', plan.integer, 1e300, '$', 'int', 'int 1e+300'],
  ['bigint', plan.bigint, 1.5, '$', 'int', 'float 1.5'],
  ['bytes', plan.bytes, 'abc', '$', 'bytes', 'str "abc"'],
  ['complex', plan.complex, [1], '$', 'complex, as [re, im]', 'list of 1'],
  ['literal', plan.literal('a', 1), 'b', '$', '"a" | 1', 'str "b"'],
  ['date', plan.date, 7, '$', 'an aware datetime', 'int 7'],
  ['array', plan.array(plan.any), {}, '$', 'a list', 'dict'],
  ['item', plan.array(plan.string), ['a', 1], '$[1]', 'str', 'int 1'],
  ['set', plan.set(), null, '$', 'a set', 'None'],
  ['tuple', plan.tuple(plan.any), [1, 2], '$', 'a tuple of 1', 'list of 2'],
  [
    'open tuple',
    plan.openTuple([plan.any], plan.any, [plan.any]),
    [1],
    '$',
    'a tuple of 2 or more',
    'list of 1',
  ],
  [
    'last of an open tuple',
    plan.openTuple([], plan.any, [plan.string]),
    [1, 2],
    '$[1]',
    'str',
    'int 2',
  ],
  ['item of a tuple', plan.tuple(plan.any, plan.string), [1, 2], '$[1]', 'str', 'int 2'],
  ['record', plan.record(plan.any), new Map([[1, 2]]), '$', 'a dict with str as keys', 'dict'],
  ['value of a record', plan.record(plan.string), { 'a b': 2 }, "$['a b']", 'str', 'int 2'],
  ['map', plan.map(), [], '$', 'a dict', 'list of 0'],
  ['key of a map', plan.map(plan.integer), { a: 1 }, '$.a', 'int', 'str "a"'],
  ['value of a map', plan.map(plan.any, plan.string), new Map([[1, 2]]), '$[1]', 'str', 'int 2'],
  ['object', plan.object({}), [], '$', 'an object', 'list of 0'],
  ['object that is a Map', plan.object({}), new Map([[1, 2]]), '$', 'an object', 'dict'],
  [
    'field',
    plan.object({ a: plan.date }),
    { a: new Uint8Array(2) },
    '$.a',
    'an aware datetime',
    'bytes of 2',
  ],
  ['missing field', plan.object({ a: plan.string }), { b: 1 }, '$.a', 'str', 'nothing'],
  [
    'missing field that objects inherit',
    plan.object({ toString: plan.any }),
    {},
    '$.toString',
    'anything',
    'nothing',
  ],
  [
    'renamed field',
    plan.object({ aB: plan.renamed('a_b', plan.string) }),
    { a_b: 1 },
    '$.a_b',
    'str',
    'int 1',
  ],
  ['nullable', plan.nullable(plan.string), 1, '$', 'str', 'int 1'],
  [
    'union',
    plan.union(plan.string, plan.integer, plan.none),
    0.5,
    '$',
    'str | int | None',
    'float 0.5',
  ],
  [
    'dtype',
    plan.ndarray('int8'),
    NdArray.from([1]),
    '$',
    'ndarray of int8',
    'ndarray of float64 with the shape [1]',
  ],
  [
    'shape',
    plan.ndarray('float64', [null, 3]),
    NdArray.from([[1, 2]]),
    '$',
    'ndarray of float64 with the shape […, 3]',
    'ndarray of float64 with the shape [1, 2]',
  ],
  ['ndarray', plan.ndarray(), [1, 2], '$', 'ndarray', 'list of 2'],
  ['service', plan.service(() => Date), 'a', '$', 'an instance of a service', 'str "a"'],
  ['callback', plan.callback(), 1, '$', 'what travels from Python (functions do not)', 'int 1'],
  [
    'deep inside',
    plan.object({ items: plan.array(plan.map(plan.any, plan.object({ at: plan.date }))) }),
    { items: [{}, { x: { at: null } }] },
    '$.items[1].x.at',
    'an aware datetime',
    'None',
  ],
])('a wrong %s is refused with its path', (_, type, wire, path, expected, got) => {
  const error = thrownBy(() => received(type, wire));
  expect(error).toBeInstanceOf(ResultError);
  expect(error).toMatchObject({ code: 'RESULT_INVALID', method: 'quote', path, expected, got });
  expect(error.details).toEqual({ method: 'quote', path, expected, got });
  const where = path === '$' ? 'the result' : `the result at ${path}`;
  expect(error.message.startsWith(`quote(): ${where} must be ${expected}, got ${got}.`)).toBe(true);
});

test('a naive datetime is refused with advice', () => {
  expect(() => received(plan.date, '2024-01-02T03:04:05')).toThrow('Annotated[datetime, Naive]');
  expect(() => received(plan.nanoseconds, '2024-01-02T03:04:05')).toThrow('time zone');
});

test('an integer that no number holds is refused, not rounded', () => {
  const type = plan.object({ ids: plan.array(plan.integer) });
  const error = thrownBy(() => received(type, { ids: [1, 2n ** 60n] }));
  expect(error).toBeInstanceOf(IntegerRangeError);
  expect(error.path).toBe('$.ids[1]');
});

test('long values are shortened in messages', () => {
  const error = thrownBy(() => received(plan.integer, 'x'.repeat(1000)));
  expect(error.message.length).toBeLessThan(150);
  const large = thrownBy(() => received(plan.integer, 2n ** 3000n));
  expect(large.message.length).toBeLessThan(250);
});

test('without a method the message begins with the result', () => {
  expect(() => plan.string.decode(1)).toThrow(/^The result must be str, got int 1\.$/);
  expect(() => plan.array(plan.string).decode([1])).toThrow(/^The result at \$\[0\] must be str/);
});

describe('reading in place', () => {
  test('arrays and objects are kept, and what is any is not even looked at', () => {
    const items = [
      { a: AT, b: [1] },
      { a: AT, b: [2] },
    ];
    expect(plan.array(plan.object({ a: plan.date })).decode(items)).toBe(items);
    const trap = new Proxy([1], { get: () => expect('touched').toBe('not') });
    expect(plan.any.decode(trap)).toBe(trap);
    expect(plan.array(plan.any).decode(trap)).toBe(trap);
  });

  test('a huge array is read without running out of stack', () => {
    const items = Array.from({ length: 200_000 }, (_, index) => index);
    const read = plan.array(plan.bigint).decode(items);
    expect(read[199_999]).toBe(199_999n);
    expect(plan.set(plan.integer).decode(Array.from({ length: 200_000 }, (_, i) => i)).size).toBe(
      200_000,
    );
  });

  test('names that every object inherits are names like any other', () => {
    const wire = sent(JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}'));
    const read = plan.record(plan.bigint).decode(wire);
    expect(Object.entries(read)).toEqual([
      ['__proto__', 1n],
      ['constructor', 2n],
      ['toString', 3n],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    const named = plan.object({
      ...{ ['__proto__']: plan.optional(plan.bigint) },
      constructor: plan.optional(plan.bigint),
    });
    expect(named.decode({})).toEqual({});
    expect(Object.hasOwn(named.decode(sent({ constructor: 2 })) as object, 'constructor')).toBe(
      true,
    );
    const turned = plan
      .object({ a: plan.renamed('__proto__') })
      .decode(sent(JSON.parse('{"__proto__": 1}')));
    expect(turned).toEqual({ a: 1 });
  });
});

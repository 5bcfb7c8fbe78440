// What only JavaScript has: its own types, getters and proxies that resist, and buffers that are shared.

import vm from 'node:vm';
import { expect, test } from '@jest/globals';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import { EncodeError } from '../../../src/core/protocol/errors.js';
import { hex, same, thrownBy, toBytes } from './vectors.js';

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get sum() {
    return this.x + this.y;
  }
}

class Money {
  constructor(readonly cents: number) {}
  toJSON() {
    return { cents: this.cents, currency: 'EUR' };
  }
}

const bytesOf = (...values: number[]) => new Uint8Array(values);

test.each<[string, unknown, unknown]>([
  ['undefined', undefined, null],
  ['undefined in an array', [1, undefined], [1, null]],
  ['a hole in an array', Array(2), [null, null]],
  ['an undefined property', { a: undefined, b: 1 }, { b: 1 }],
  ['nothing but undefined properties', { a: undefined }, {}],
  ['an undefined value of a Map', new Map([['a', undefined]]), { a: null }],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ['an instance of a class', new Point(1, 2), { x: 1, y: 2 }],
  ['an instance with toJSON', new Money(5), { cents: 5, currency: 'EUR' }],
  ['a toJSON that returns text', { toJSON: () => 'text' }, 'text'],
  ['a toJSON that returns nothing', [{ toJSON: () => undefined }], [null]],
  ['a URL', new URL('https://example.org/a'), 'https://example.org/a'],
  ['a Map with text as keys', new Map([['a', 1]]), { a: 1 }],
  ['a Map with other keys', new Map<unknown, unknown>([[1, 'a']]), new Map([[1, 'a']])],
  ['an empty Map', new Map(), {}],
  ['a Set', new Set([1, 'a']), [1, 'a']],
  ['a Buffer', Buffer.from([1, 2]), bytesOf(1, 2)],
  ['an ArrayBuffer', bytesOf(1, 2).buffer, bytesOf(1, 2)],
  ['a DataView on a part', new DataView(bytesOf(1, 2, 3, 4).buffer, 1, 2), bytesOf(2, 3)],
  ['a view on a part', bytesOf(1, 2, 3, 4).subarray(1, 3), bytesOf(2, 3)],
  [
    'boxed scalars',
    [Object('s'), Object(1), Object(true), Object(2n ** 64n)],
    ['s', 1, true, 2n ** 64n],
  ],
  ['a small bigint', 5n, 5],
  ['a bigint at the edge', [2n ** 53n - 1n, 2n ** 53n], [2 ** 53 - 1, 2n ** 53n]],
  ['a number beyond the safe integers', 2 ** 60, 2 ** 60],
  ['minus zero', -0, -0],
  ['a symbol as a key', { [Symbol('s')]: 1, a: 2 }, { a: 2 }],
  [
    'a property that is not enumerable',
    Object.defineProperty({ a: 1 }, 'b', { value: 2 }),
    { a: 1 },
  ],
  [
    'a getter of its own',
    {
      get a() {
        return 1;
      },
    },
    { a: 1 },
  ],
  ['a proxy', new Proxy({ a: 1 }, {}), { a: 1 }],
  [
    'what another realm made',
    vm.runInNewContext(
      '({ a: [new Date(5), new Map([[1, 2]]), new Set([3]), new Uint8Array([4])] })',
    ),
    { a: [new Date(5), new Map([[1, 2]]), [3], bytesOf(4)] },
  ],
])('%s travels in its documented form', (_, value, read) => {
  expect(same(decodeValue(encodeValue(value)), read)).toBe(true);
});

test('undefined properties are nil where that is asked for', () => {
  const bytes = encodeValue({ a: undefined, b: [undefined] }, { undefinedProperties: 'null' });
  expect(decodeValue(bytes)).toEqual({ a: null, b: [null] });
});

test('the count of a map is right whatever is left out of it', () => {
  for (const [kept, dropped] of [
    [15, 1],
    [16, 1],
    [1, 15],
    [0, 16],
    [65_535, 1],
    [10, 65_600],
  ] as const) {
    const value: Record<string, unknown> = {};
    for (let index = 0; index < dropped; index++) value[`gone${index}`] = undefined;
    for (let index = 0; index < kept; index++) value[`kept${index}`] = index;
    expect(Object.keys(decodeValue(encodeValue(value)) as object).length).toBe(kept);
  }
});

test.each<[string, unknown, string, string]>([
  ['a function', () => 1, '$', 'send what it returns'],
  ['a function deep inside', { items: [0, 1, 2, { fn() {} }] }, '$.items[3].fn', 'function'],
  ['a symbol', [Symbol('s')], '$[0]', 'symbol'],
  ['an Error', { e: new TypeError('x') }, '$.e', 'Error'],
  ['an Error of another realm', [vm.runInNewContext('new Error("x")')], '$[0]', 'Error'],
  ['a Promise', [Promise.resolve(1)], '$[0]', 'await'],
  ['a RegExp', { 'a b': /x/ }, "$['a b']", 'source'],
  ['a WeakMap', [new WeakMap()], '$[0]', 'WeakMap'],
  ['a WeakSet', [new WeakSet()], '$[0]', 'WeakSet'],
  ['a generator', [(function* () {})()], '$[0]', '[...generator]'],
  ['an iterator', [new Map().keys()], '$[0]', '[...iterator]'],
  ['an invalid Date', { at: new Date(Number.NaN) }, '$.at', 'null'],
  ['a forged array', [forged({})], '$[0]', 'without data'],
  [
    'an array changed since',
    [forged({ data: new Int8Array(2), shape: [3], dtype: 'int8' })],
    '$[0]',
    '[3]',
  ],
  [
    'an array of another type',
    [forged({ data: new Int8Array(1), shape: [1], dtype: 'int16' })],
    '$[0]',
    'Int16Array',
  ],
  [
    'an array of no type',
    [forged({ data: new Int8Array(1), shape: [1], dtype: 'toString' })],
    '$[0]',
    'toString',
  ],
  [
    'an array without a shape',
    [forged({ data: new Int8Array(1), shape: 1, dtype: 'int8' })],
    '$[0]',
    'lengths',
  ],
  ['a SharedArrayBuffer', [new SharedArrayBuffer(2)], '$[0]', 'copy'],
  ['a function in a Map', new Map([['k', () => 1]]), '$.k', 'function'],
  ['a function in a Set', { s: new Set([() => 1]) }, '$.s[0]', 'function'],
  ['a function as a key', new Map([[() => 1, 1]]), '$[<function>]', 'function'],
  [
    'a getter that throws',
    {
      a: [
        {
          get b() {
            throw new Error('not today');
          },
        },
      ],
    },
    '$.a[0].b',
    'not today',
  ],
  [
    'a toJSON that throws',
    [
      {
        toJSON() {
          throw new Error('not today');
        },
      },
    ],
    '$[0]',
    'not today',
  ],
  ['a proxy that was revoked', [revoked()], '$[0]', 'revoked'],
  [
    'something that throws no error',
    {
      get a() {
        throw 'text';
      },
    },
    '$.a',
    'text',
  ],
])('%s is refused with path and advice', (_, value, path, advice) => {
  const error = thrownBy(() => encodeValue(value));
  expect(error).toBeInstanceOf(EncodeError);
  expect(error.path).toBe(path);
  expect(error.message).toContain(path);
  expect(error.message).toContain(advice);
});

test.each(['Float32Array', 'BigInt64Array', 'Uint8ClampedArray', 'Uint8Array'])(
  'an object that only says that it is a %s travels as the object that it is',
  (tag) => {
    const value = Object.assign(Object.create({ [Symbol.toStringTag]: tag }), { length: 2 });
    expect(decodeValue(encodeValue([value]))).toEqual([{ length: 2 }]);
  },
);

function forged(fields: object): unknown {
  return Object.create(
    {},
    {
      [Symbol.toStringTag]: { value: 'NdArray' },
      ...Object.getOwnPropertyDescriptors(fields),
    },
  );
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test('structures that contain themselves are refused, whatever the way round', () => {
  const list: unknown[] = [];
  list.push(list);
  const record: Record<string, unknown> = {};
  record.self = record;
  const map = new Map<string, unknown>();
  map.set('self', map);
  const endless = { toJSON: (): unknown => ({ next: { toJSON: endless.toJSON } }) };
  for (const value of [list, record, map, endless]) {
    const error = thrownBy(() => encodeValue(value));
    expect([error.name, error.code]).toEqual(['EncodeError', 'DEPTH_EXCEEDED']);
    expect(error.message.length).toBeLessThan(700);
  }
});

test('a Map that changes while it is read does not break the bytes', () => {
  const map = new Map<string, unknown>();
  map.set('a', {
    get x() {
      map.set('b', 1);
      return 1;
    },
  });
  expect(thrownBy(() => encodeValue(map))).toBeInstanceOf(EncodeError);
});

test('nothing is polluted by hostile keys', () => {
  const text = '81a95f5f70726f746f5f5f81a8706f6c6c75746564c3';
  const value = decodeValue(toBytes(text)) as Record<string, unknown>;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(hex(encodeValue(value))).toBe(text);
});

test('binaries are copies of their own exact buffer, or views if that is asked for', () => {
  const bytes = toBytes('92c403010203c40104');
  const [first] = decodeValue(bytes) as [Uint8Array];
  expect([first.byteOffset, first.buffer.byteLength]).toEqual([0, 3]);
  bytes.fill(0, 3, 6);
  expect([...first]).toEqual([1, 2, 3]);
  const [view] = decodeValue(toBytes('91c403010203'), { copyBytes: false }) as [Uint8Array];
  expect([view.byteOffset, view.length]).toEqual([3, 3]);
  const [copy] = decodeValue(Buffer.from('91c403010203', 'hex')) as [Uint8Array];
  expect(Buffer.isBuffer(copy)).toBe(false);
  expect(copy.buffer.byteLength).toBe(3);
});

test('the depth is what it is set to', () => {
  expect(() => encodeValue([[]], { maxDepth: 1 })).toThrow(EncodeError);
  expect(hex(encodeValue([1], { maxDepth: 1 }))).toBe('9101');
  expect(() => decodeValue(toBytes('9190'), { maxDepth: 1 })).toThrow('deeply');
  expect(decodeValue(toBytes('9101'), { maxDepth: 1 })).toEqual([1]);
  expect(decodeValue(toBytes('01'), { maxDepth: 0 })).toBe(1);
});

test('a value after one that failed is not harmed by it', () => {
  expect(() => decodeValue(toBytes('919191c1'))).toThrow();
  expect(() => encodeValue([[[() => 1]]])).toThrow();
  expect(decodeValue(encodeValue([[1]]))).toEqual([[1]]);
});

test('keys that share their place in the cache are told apart', () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `key-${index * 7919}`);
  const value = Object.fromEntries(keys.map((key, index) => [key, index]));
  for (let round = 0; round < 2; round++) {
    expect(same(decodeValue(encodeValue(value)), value)).toBe(true);
  }
});

// Records as columns and back: what each column becomes, and that nothing is lost.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import { NdArray, toColumns, toRows } from '../../../src/index.js';
import { thrownBy } from '../protocol/vectors.js';

const column = (...values: unknown[]) => toColumns(values.map((value) => ({ value }))).value;

describe('toColumns', () => {
  it('makes arrays of numbers and booleans, and leaves the rest as it is', () => {
    expect(column(1, -2, 2 ** 31 - 1)).toEqual(Int32Array.of(1, -2, 2 ** 31 - 1));
    expect(column(1, 2 ** 31)).toEqual(BigInt64Array.of(1n, 2n ** 31n));
    expect(column(1, 0.5, 2 ** 31)).toEqual(Float64Array.of(1, 0.5, 2 ** 31));
    expect(column(0, -0)).toEqual(Float64Array.of(0, -0));
    expect(column(true, false)).toEqual(new NdArray(Uint8Array.of(1, 0), [2], 'bool'));
    for (const values of [
      ['a', 'b'],
      [1, 'b'],
      [1, true],
      [null, 1],
      [1n, 2],
      [[1], {}],
    ]) {
      expect(column(...values)).toEqual(values);
    }
    expect(toColumns([])).toEqual({});
  });

  it('keeps what is in each field, in the order of the first record', () => {
    const rows = [
      { id: 1, name: 'one' },
      { name: 'two', id: 2 },
    ];
    expect(Object.entries(toColumns(rows))).toEqual([
      ['id', Int32Array.of(1, 2)],
      ['name', ['one', 'two']],
    ]);
  });

  it('takes records of any class and order, and of each its own properties alone', () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
    }
    const bare = Object.assign(Object.create(null) as object, { y: 6, x: 5 });
    expect(toColumns([{ x: 1, y: 2 }, new Point(3, 4), bare])).toEqual({
      x: Int32Array.of(1, 3, 5),
      y: Int32Array.of(2, 4, 6),
    });
    const inherited = Object.create({ y: 2 }, { x: { value: 1, enumerable: true } }) as object;
    expect(() => toColumns([{ x: 1, y: 2 }, inherited])).toThrow('Record 1 ');
    Object.defineProperty(Object.prototype, 'y', {
      value: 2,
      enumerable: true,
      configurable: true,
    });
    try {
      expect(() => toColumns([{ x: 1, y: 2 }, { x: 1 }])).toThrow('Record 1 ');
      expect(toColumns([{ x: 1 }, { x: 2 }])).toEqual({ x: Int32Array.of(1, 2) });
    } finally {
      Reflect.deleteProperty(Object.prototype, 'y');
    }
  });

  it.each<[string, object[]]>([
    ['fewer', [{ a: 1, b: 2 }, { a: 1 }]],
    ['more', [{ a: 1 }, { a: 1, b: 2 }]],
    ['other', [{ a: 1 }, { toString: 1 }]],
    ['inherited', [{ toString: 1 }, { a: 1 }]],
  ])('refuses records with %s fields', (_, rows) => {
    const error = thrownBy(() => toColumns(rows));
    expect([error.code, error.message]).toEqual([
      'INVALID_ARGUMENTS',
      expect.stringContaining('Record 1'),
    ]);
  });
});

describe('toRows', () => {
  it('gives the records back, also after they have travelled', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double(),
      fc.boolean(),
      fc.string(),
    );
    const rows = fc
      .uniqueArray(fc.oneof(fc.string(), fc.constant('__proto__')), { minLength: 1, maxLength: 5 })
      .chain((names) =>
        fc.array(
          fc
            .tuple(...names.map(() => value))
            .map((values) =>
              Object.fromEntries(values.map((item, index) => [names[index]!, item])),
            ),
          { maxLength: 20 },
        ),
      );
    fc.assert(
      fc.property(rows, (original) => {
        const columns = toColumns(original);
        expect(toRows(columns)).toEqual(original);
        expect(toRows(decodeValue(encodeValue(columns)) as typeof columns)).toEqual(original);
      }),
    );
  });

  it('gives integers as numbers where these hold them', () => {
    const expected = [{ id: 7 }, { id: 2n ** 60n }];
    for (const wide of [BigInt64Array, BigUint64Array].map((Wide) => Wide.of(7n, 2n ** 60n))) {
      expect(toRows({ id: wide })).toEqual(expected);
      expect(toRows({ id: new NdArray(wide) })).toEqual(expected);
    }
  });

  it.each([
    new NdArray(Float32Array.of(1, 2, 3, 4), [2], 'complex64'),
    new NdArray(Float64Array.of(1, 2, 3, 4), [2], 'complex128'),
  ])('refuses $dtype, which no value of a record holds', (z) => {
    const error = thrownBy(() => toRows({ z }));
    expect([error.code, error.message]).toEqual([
      'INVALID_ARGUMENTS',
      expect.stringContaining(z.dtype),
    ]);
  });

  it('refuses columns that are not of one length, or of more dimensions', () => {
    expect(thrownBy(() => toRows({ a: [1, 2], b: [1] })).message).toContain('"b" has 1 values');
    const square = new NdArray(new Uint8Array(4), [2, 2]);
    expect(thrownBy(() => toRows({ a: square })).code).toBe('INVALID_ARGUMENTS');
  });
});

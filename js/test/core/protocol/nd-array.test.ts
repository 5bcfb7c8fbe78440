// Arrays of numbers: how they are made, what they refuse, and that they travel as they are.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import { type DType, NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { same, thrownBy } from './vectors.js';

const there = (value: unknown) => decodeValue(encodeValue(value));

test.each([
  [new Int8Array([-1, 2]), 'int8'],
  [new Int16Array([-1, 2]), 'int16'],
  [new Uint16Array([1, 2]), 'uint16'],
  [new Int32Array([-1, 2]), 'int32'],
  [new Uint32Array([1, 2]), 'uint32'],
  [new BigInt64Array([-1n, 2n]), 'int64'],
  [new BigUint64Array([1n, 2n]), 'uint64'],
  [new Float32Array([0.5, -0]), 'float32'],
  [new Float64Array([0.1, Number.NaN]), 'float64'],
])('a bare %p travels as an array of one dimension, of %s', (data, dtype) => {
  const found = there(data) as NdArray;
  expect(found).toBeInstanceOf(NdArray);
  expect([found.dtype, found.shape]).toEqual([dtype, [2]]);
  expect(found.data).toEqual(data);
});

test('clamped bytes travel as uint8, and bytes as bytes', () => {
  const found = there(new Uint8ClampedArray([1, 255])) as NdArray;
  expect([found.dtype, found.data]).toEqual(['uint8', new Uint8Array([1, 255])]);
  expect(there(new Uint8Array([1]))).toEqual(new Uint8Array([1]));
  expect(there(new NdArray(new Uint8Array([1])))).toEqual(new NdArray(new Uint8Array([1])));
});

test('a part of a larger buffer travels alone, from any address', () => {
  const all = new Float64Array([1, 2, 3, 4]);
  const found = there(['x', new NdArray(all.subarray(1, 3))]) as [string, NdArray];
  expect(found[1].data).toEqual(new Float64Array([2, 3]));
});

test('an array that came owns its memory', () => {
  const bytes = encodeValue(new Int32Array([1, 2]));
  const found = decodeValue(bytes, { copyBytes: false }) as NdArray;
  bytes.fill(0xff);
  expect([...found.data]).toEqual([1, 2]);
  expect(found.data.byteLength).toBe(found.data.buffer.byteLength);
});

test.each<[string, NdArray, DType, number[], unknown]>([
  [
    'numbers',
    NdArray.from([
      [1, 2.5],
      [3, 4],
    ]),
    'float64',
    [2, 2],
    [
      [1, 2.5],
      [3, 4],
    ],
  ],
  ['bigints', NdArray.from([1n, -2n]), 'int64', [2], [1n, -2n]],
  ['booleans', NdArray.from([[true], [false]]), 'bool', [2, 1], [[true], [false]]],
  ['integers', NdArray.from([1, -2], 'int16'), 'int16', [2], [1, -2]],
  ['unsigned bigints', NdArray.from([2n ** 64n - 1n], 'uint64'), 'uint64', [1], [2n ** 64n - 1n]],
  [
    'complex numbers',
    NdArray.from(
      [
        [1, 2],
        [3, 4],
      ],
      'complex128',
    ),
    'complex128',
    [2],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['a single number', NdArray.from(7), 'float64', [], 7],
  ['no numbers', NdArray.from([[], []]), 'float64', [2, 0], [[], []]],
])('%s make an array and come out again', (_, array, dtype, shape, nested) => {
  expect([array.dtype, array.shape]).toEqual([dtype, shape]);
  expect(array.toNested()).toEqual(nested);
  expect(same(there(array), array)).toBe(true);
});

test('a typed array is wrapped, not copied', () => {
  const data = new Float32Array(3);
  const array: NdArray<Float32Array> = NdArray.from(data);
  expect(array.data).toBe(data);
  expect(array.size).toBe(3);
  expect(String(array)).toBe('[object NdArray]');
});

test.each<[string, () => unknown, string]>([
  ['a shape of another size', () => new NdArray(new Int8Array(3), [2, 2]), 'has 4 elements, but 3'],
  ['a negative length', () => new NdArray(new Int8Array(1), [-1, -1]), 'length -1'],
  ['half a length', () => new NdArray(new Int8Array(1), [0.5, 2]), 'length 0.5'],
  ['too many dimensions', () => new NdArray(new Int8Array(1), new Array(33).fill(1)), '32'],
  [
    'an odd complex array',
    () => new NdArray(new Float32Array(3), undefined, 'complex64'),
    'length 1.5',
  ],
  ['data of another type', () => new NdArray(new Int8Array(1), [1], 'float64'), 'Float64Array'],
  ['an unknown dtype', () => new NdArray(new Int8Array(1), [1], 'float16' as DType), 'float16'],
  ['no typed array', () => new NdArray([1] as unknown as Int8Array), 'Array'],
  ['rows of different lengths', () => NdArray.from([[1], [1, 2]]), 'that length alone'],
  ['rows beside numbers', () => NdArray.from([[1], 2]), 'that length alone'],
  ['a number that does not fit', () => NdArray.from([256], 'uint8'), '256 does not fit'],
  ['a fraction for an integer', () => NdArray.from([0.5], 'int32'), '0.5 does not fit'],
  ['a bigint that does not fit', () => NdArray.from([2n ** 63n]), 'does not fit'],
  ['a number for a bigint', () => NdArray.from([1], 'int64'), 'bigints'],
  ['a number among booleans', () => NdArray.from([true, 1]), 'booleans'],
  ['a complex number of three parts', () => NdArray.from([[1, 2, 3]], 'complex64'), 'elements'],
])('%s is refused', (_, make, why) => {
  const error = thrownBy(make);
  expect(error.code).toBe('INVALID_ARGUMENTS');
  expect(error.message).toContain(why);
});

test('NaN and infinities are numbers of any float type', () => {
  for (const dtype of ['float32', 'float64', 'complex64'] as const) {
    const pair = [Number.NaN, Number.POSITIVE_INFINITY];
    expect(NdArray.from([pair], dtype).toNested()).toEqual([pair]);
  }
});

test('the shape cannot be changed behind the back of the data', () => {
  const shape = [2];
  const array = new NdArray(new Int8Array(2), shape);
  shape[0] = 3;
  expect(array.shape).toEqual([2]);
  expect(Object.isFrozen(array.shape)).toBe(true);
});

test('any array comes back as it went', () => {
  const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(shape, fc.infiniteStream(fc.double()), (lengths, numbers) => {
      const size = lengths.reduce((product, length) => product * length, 1);
      const data = Float64Array.from({ length: size }, () => numbers.next().value);
      const array = new NdArray(data, lengths);
      expect(same(there([array]), [array])).toBe(true);
    }),
  );
});

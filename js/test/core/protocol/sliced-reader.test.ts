// A value that is read in slices is the value that is read at once, whatever the slices; so are its errors.
import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ALL_EXTENSIONS } from '../../../src/core/protocol/codec/all-extensions.js';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import {
  ArrivedSegments,
  EXT_SEGMENT,
} from '../../../src/core/protocol/codec/segment-references.js';
import { SlicedReader } from '../../../src/core/protocol/codec/sliced-reader.js';
import { DecodeError } from '../../../src/core/protocol/errors.js';
import * as limits from '../../../src/core/protocol/limits.js';
import { cases, same, thrownBy, toBytes } from './vectors.js';

const VALUES = [...cases('values.json'), ...cases('msgpack-test-suite.json')];
const STEPS = [1, 2, 7, Number.POSITIVE_INFINITY];

/** Reads `step` bytes at a time; also how many times that were. */
function readInSlices(
  bytes: Uint8Array,
  step: number,
  maxDepth: number = limits.maxDepth,
  segments?: Uint8Array<ArrayBuffer>[],
) {
  const reader = new SlicedReader(bytes, 0, maxDepth, ALL_EXTENSIONS);
  if (segments !== undefined) reader.segments = new ArrivedSegments(segments);
  let slices = 0;
  while (!reader.whole) {
    reader.step(step);
    slices++;
  }
  return { value: reader.result, hasBigInt: reader.hasBigInt, slices };
}

test.each(VALUES)('every legal encoding gives the value: $name', (vector) => {
  for (const encoding of [vector.bytes, ...(vector.also ?? []), ...(vector.as_float ?? [])]) {
    const bytes = toBytes(encoding);
    for (const step of STEPS) {
      expect(same(readInSlices(bytes, step).value, decodeValue(bytes))).toBe(true);
    }
  }
});

const REJECTS = cases('rejects.json').filter(({ name }) => !name.startsWith('every beginning'));

test.each(REJECTS)('what is no value is refused alike: $name', (vector) => {
  const bytes = toBytes(vector.bytes);
  const error = thrownBy(() => decodeValue(bytes));
  for (const step of STEPS) {
    const sliced = thrownBy(() => readInSlices(bytes, step));
    expect([sliced.code, sliced.message]).toEqual([error.code, error.message]);
  }
});

test.each(cases('rejects.json', 'truncations'))('and cut anywhere: $name', (vector) => {
  const whole = toBytes(vector.bytes);
  for (let length = 0; length < whole.length; length++) {
    expect(() => readInSlices(whole.subarray(0, length), 1)).toThrow(DecodeError);
  }
  expect(() => readInSlices(new Uint8Array([...whole, 0]), 1)).toThrow(DecodeError);
});

test('any bytes give what they give when they are read at once', () => {
  const outcome = (read: () => unknown): unknown => {
    try {
      return read();
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      return (error as DecodeError).code;
    }
  };
  const input = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(input, fc.integer({ min: 1, max: 9 }), (bytes, step) => {
      const sliced = outcome(() => readInSlices(bytes, step).value);
      expect(
        same(
          sliced,
          outcome(() => decodeValue(bytes)),
        ),
      ).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('values of many parts come back, their depth is bounded, and large integers are noticed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 20 }), (value, step) => {
      const bytes = encodeValue(value);
      expect(same(readInSlices(bytes, step).value, decodeValue(bytes))).toBe(true);
    }),
  );
  const nested = encodeValue([[[], []], [[1]]]);
  expect(readInSlices(nested, 1, 3).value).toEqual([[[], []], [[1]]]);
  expect(thrownBy(() => readInSlices(nested, 1, 2)).code).toBe('DEPTH_EXCEEDED');
  expect(readInSlices(encodeValue([1, 2n ** 60n]), 1).hasBigInt).toBe(true);
});

test('a slice ends after so many bytes, in whatever they are', () => {
  const slicesOf = (value: unknown) => {
    const { value: read, slices } = readInSlices(encodeValue(value), 20_000);
    expect(same(read, value)).toBe(true);
    return slices;
  };
  const numbers = Array.from({ length: 20_000 }, (_, index) => 100_000 + index); // 5 bytes each
  expect(slicesOf(numbers)).toBe(5);
  expect(slicesOf({ few: { parts: [numbers] } })).toBe(6);
  expect(slicesOf(numbers.map((id) => ({ id })))).toBeGreaterThan(8);
  expect(slicesOf([numbers, numbers.map((id) => ({ id }))])).toBeGreaterThan(12);
  expect(slicesOf(Array.from({ length: 10 }, () => 'x'.repeat(19_000)))).toBeGreaterThan(4);
});

test('what one has learned of keys serves the next: all read with the same reader', () => {
  const records = encodeValue(Array.from({ length: 8 }, (_, id) => ({ learned: id, once: true })));
  // Texts that did not come again may have brought it to rest; that ends after some hundred.
  for (let round = 0; round < 40; round++) readInSlices(records, 1);
  const made = jest.spyOn(String, 'fromCharCode');
  try {
    readInSlices(records, 1);
    decodeValue(records);
    expect(made).not.toHaveBeenCalled();
  } finally {
    made.mockRestore();
  }
});

test('between its slices others decode, and nothing of theirs is mixed with its own', () => {
  const value = Array.from({ length: 50 }, (_, id) => ({ id, parts: [[id], { id }] }));
  const bytes = encodeValue(value);
  const other = encodeValue({ id: 2n ** 60n, deep: [[[[[1]]]]] });
  const sliced = new SlicedReader(bytes, 0, limits.maxDepth, ALL_EXTENSIONS);
  while (!sliced.whole) {
    sliced.step(10);
    expect(decodeValue(other)).toEqual({ id: 2n ** 60n, deep: [[[[[1]]]]] });
    expect(() => decodeValue(bytes.subarray(0, 40))).toThrow(DecodeError);
  }
  expect([sliced.result, sliced.hasBigInt]).toEqual([value, false]);
});

test('beside segments it is read alike, and each segment taken once, whatever the slices', () => {
  const value = { names: ['a', 'b'], rows: [{ id: 1 }, [2, [3]]], data: new Uint8Array() };
  const withReference = encodeValue([value, 'end']);
  const reference = [0xd6, EXT_SEGMENT, 0, 0, 0, 0];
  // In the place of the empty bytes, which are written as 0xc4 0x00.
  const at = withReference.lastIndexOf(0xc4);
  const bytes = Uint8Array.from([
    ...withReference.subarray(0, at),
    ...reference,
    ...withReference.subarray(at + 2),
  ]);
  const segment = Uint8Array.of(1, 2, 3);
  for (const step of STEPS) {
    const { value: read } = readInSlices(bytes, step, limits.maxDepth, [segment]);
    expect(read).toEqual([{ ...value, data: segment }, 'end']);
    const missing = thrownBy(() => readInSlices(bytes, step, limits.maxDepth, []));
    expect(missing.message).toContain('a segment that is not there');
  }
});

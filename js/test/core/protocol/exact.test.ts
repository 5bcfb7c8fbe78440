// What a JavaScript type cannot hold: integers beyond the safe ones, and times finer than a millisecond.

import { expect, test } from '@jest/globals';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import { dateOfNanoseconds, nanosecondsOf } from '../../../src/core/protocol/codec/exact-times.js';
import { IntegerRangeError } from '../../../src/core/protocol/errors.js';
import { thrownBy } from './vectors.js';

const LARGE = 2n ** 53n;

test.each([
  [LARGE, '$'],
  [-LARGE, '$'],
  [2n ** 64n, '$'],
  [-(2n ** 900n), '$'],
  [[1, 2, LARGE, LARGE], '$[2]'],
  [{ items: [{ id: 1 }, { id: LARGE }] }, '$.items[1].id'],
  [new Map([[1, { 'a b': [LARGE] }]]), "$[1]['a b'][0]"],
  [new Map([[LARGE, 1]]), '$[key]'],
])('an unsafe integer in %p is refused at %s where safe ones are asked for', (value, path) => {
  const bytes = encodeValue(value);
  const error = thrownBy(() => decodeValue(bytes, { integers: 'safe' }));
  expect(error).toBeInstanceOf(IntegerRangeError);
  expect([error.code, error.path]).toEqual(['INTEGER_OUT_OF_RANGE', path]);
  expect(error.message).toContain('BigInt');
  expect(decodeValue(bytes)).toEqual(value);
});

test('safe integers pass, also after an unsafe one was read', () => {
  decodeValue(encodeValue(LARGE));
  const safe = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e300];
  expect(decodeValue(encodeValue(safe), { integers: 'safe' })).toEqual(safe);
});

// 2024-01-02T03:04:05.678901Z, as the timestamp extension has it in its 64-bit form.
const MICROSECONDS = Uint8Array.from(
  Buffer.from(
    `d7ff${((678_901_000n << 34n) | 1_704_164_645n).toString(16).padStart(16, '0')}`,
    'hex',
  ),
);

test('a time that came goes back with its microseconds', () => {
  const date = decodeValue(MICROSECONDS) as Date;
  expect(date).toEqual(new Date('2024-01-02T03:04:05.678Z'));
  expect(Object.getPrototypeOf(date)).toBe(Date.prototype);
  expect(Reflect.ownKeys(date)).toEqual([]);
  expect(nanosecondsOf(date)).toBe(1_704_164_645_678_901_000n);
  expect(encodeValue(date)).toEqual(MICROSECONDS);
});

test('a time that was set since has forgotten them', () => {
  const date = decodeValue(MICROSECONDS) as Date;
  date.setMilliseconds(0);
  expect(nanosecondsOf(date)).toBe(1_704_164_645_000_000_000n);
  expect(nanosecondsOf(new Date(date))).toBe(1_704_164_645_000_000_000n);
});

test.each([
  0n,
  1n,
  -1n,
  999_999n,
  -1_000_000n,
  1_704_164_645_678_901_234n,
  -62_135_596_800_000_000_000n,
])('%p nanoseconds are a time, there and back', (nanoseconds) => {
  expect(nanosecondsOf(dateOfNanoseconds(nanoseconds))).toBe(nanoseconds);
  const found = decodeValue(encodeValue(dateOfNanoseconds(nanoseconds))) as Date;
  expect(nanosecondsOf(found)).toBe(nanoseconds);
});

test('nanoseconds that no Date reaches give an invalid one', () => {
  expect(dateOfNanoseconds(10n ** 30n).getTime()).toBeNaN();
  expect(() => encodeValue(dateOfNanoseconds(10n ** 30n))).toThrow('invalid Date');
});

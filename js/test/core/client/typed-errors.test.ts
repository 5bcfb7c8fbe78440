import { expect, test } from '@jest/globals';
import { ofMethod } from '../../../src/core/client/typed-errors.js';
import { requireSafeIntegers } from '../../../src/core/protocol/codec/integer-range.js';
import { IntegerRangeError } from '../../../src/core/protocol/errors.js';

test('an integer that no number holds is refused by the name of its method', () => {
  let told: unknown;
  try {
    requireSafeIntegers({ id: 2n ** 60n });
  } catch (error) {
    told = ofMethod(error, 'total', 'pricing.total');
  }
  expect(told).toBeInstanceOf(IntegerRangeError);
  expect(told).toMatchObject({
    method: 'total',
    path: '$.id',
    message: expect.stringMatching(
      /^pricing\.total\(\): the integer 1152921504606846976 at \$\.id/,
    ),
  });
  const other = new TypeError('x');
  expect(ofMethod(other, 'total', 'pricing.total')).toBe(other);
});

// Functions as arguments: what Python gives them, and what it gets back.

import { expect, test } from '@jest/globals';
import { IntegerRangeError, ResultError } from '../../../src/core/protocol/errors.js';
import { plan } from '../../../src/core/schema/index.js';
import { thrownBy } from '../protocol/vectors.js';
import { sent } from './wire.js';

type OnWire = (...args: unknown[]) => unknown;

const AT = new Date('2024-01-02T03:04:05.678Z');

test('a callback gets its arguments and gives its result by plan', () => {
  const seen: unknown[] = [];
  const type = plan.callback({
    args: [plan.object({ at: plan.date }), plan.set()],
    result: plan.nanoseconds,
  });
  const written = type.encode((...args: unknown[]) => {
    seen.push(...args);
    return 5000n;
  }) as OnWire;
  expect(written(sent({ at: AT }), sent([1]), 'more')).toEqual(new Date(0));
  expect(seen).toEqual([{ at: AT }, new Set([1]), 'more']);
});

test('what an async callback resolves with goes by plan too', async () => {
  const type = plan.callback({ result: plan.nanoseconds });
  const written = type.encode(async () => 0n) as OnWire;
  await expect(written()).resolves.toEqual(new Date(0));
  const rejecting = type.encode(() => Promise.reject(new TypeError('mine'))) as OnWire;
  await expect(rejecting()).rejects.toThrow(new TypeError('mine'));
});

test('a callback without a result returns what it likes', () => {
  const written = plan.callback({ result: plan.none }).encode(() => 5) as OnWire;
  expect(written()).toBeNull();
});

test('a wrong argument is told, and the function not called', () => {
  const type = plan.callback({ args: [plan.any, plan.object({ at: plan.date })] });
  const written = type.encode(() => expect('called').toBe('not'), 'onTick') as OnWire;
  const error = thrownBy(() => written(1, { at: 'x' }));
  expect(error).toBeInstanceOf(ResultError);
  expect(error.message).toMatch(
    /^Argument 2 of the callback onTick at \$\.at must be an aware datetime, got str "x"/,
  );
});

test('integers beyond the safe ones are refused unless they are asked for', () => {
  const narrow = plan.callback({}).encode((value: unknown) => value) as OnWire;
  const error = thrownBy(() => narrow([1, 2n ** 60n]));
  expect(error).toBeInstanceOf(IntegerRangeError);
  expect(error.path).toBe('$[0][1]');
  const wide = plan.callback({ wide: true, args: [plan.array(plan.bigint)] });
  const written = wide.encode((values: bigint[]) => values.length) as OnWire;
  expect(written([1, 2n ** 60n])).toBe(2);
});

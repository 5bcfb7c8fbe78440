// Plans of values without parts. Each is marked pure, so that a bundle leaves out those that nobody names.

import { integerRangeError } from '../protocol/codec/integer-range.js';
import { mismatch } from './mismatches.js';
import { define, type Plan } from './plan.js';

/** Anything, as it is: the one plan that does nothing, and that containers leave out of their work. */
export const any: Plan = /* @__PURE__ */ define<unknown>({
  expected: () => 'anything',
  read: (value) => value,
  fits: () => true,
});

/** None; written for whatever is there, as a callback without a result returns what it likes. */
export const none: Plan<null> = /* @__PURE__ */ define<null>({
  expected: () => 'None',
  read: (value, place) => {
    if (value !== null) throw mismatch(place, 'None', value);
    return null;
  },
  write: () => null,
  fits: (value) => value === null || value === undefined,
});

export const boolean: Plan<boolean> = /* @__PURE__ */ checked(
  'bool',
  (value) => typeof value === 'boolean',
);

export const string: Plan<string> = /* @__PURE__ */ checked(
  'str',
  (value) => typeof value === 'string',
);

/** A float; an int counts as one, since 1.0 is one in JavaScript. */
export const number: Plan<number> = /* @__PURE__ */ checked(
  'float',
  (value) => typeof value === 'number',
);

export const bytes: Plan<Uint8Array> = /* @__PURE__ */ checked(
  'bytes',
  (value) => value instanceof Uint8Array,
);

/** An int that a `number` holds; one beyond is refused, never rounded. */
export const integer: Plan<number> = /* @__PURE__ */ define<number>({
  expected: () => 'int',
  read: (value, place) => {
    if (typeof value === 'bigint') throw integerRangeError(value, place.path);
    if (!Number.isSafeInteger(value)) throw mismatch(place, 'int', value);
    return value as number;
  },
  fits: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
});

/** An int of any size, always as a `bigint`. */
export const bigint: Plan<bigint> = /* @__PURE__ */ define<bigint>({
  expected: () => 'int',
  read: (value, place) => {
    if (typeof value === 'bigint') return value;
    if (!Number.isSafeInteger(value)) throw mismatch(place, 'int', value);
    return BigInt(value as number);
  },
  fits: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
});

/** A complex number: its real and its imaginary part. */
export const complex: Plan<readonly [re: number, im: number]> = /* @__PURE__ */ checked(
  'complex, as [re, im]',
  (value) =>
    Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number'),
);

/** One of some exact values. */
export function literal<const V extends readonly (string | number | boolean | null)[]>(
  ...values: V
): Plan<V[number]> {
  const known: ReadonlySet<unknown> = new Set(values);
  return checked(values.map((value) => JSON.stringify(value)).join(' | '), (value) =>
    known.has(value),
  );
}

/** A plan that passes what fits as it is. */
function checked<T>(expected: string, fits: (value: unknown) => boolean): Plan<T> {
  return define<T>({
    expected: () => expected,
    read: (value, place) => {
      if (!fits(value)) throw mismatch(place, expected, value);
      return value as T;
    },
    fits,
  });
}

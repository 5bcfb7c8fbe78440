// For a value of any type: what goes out by its plan comes back the same, and the caller's value stays as it was.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { type Plan, plan } from '../../../src/core/schema/index.js';
import { same } from '../protocol/vectors.js';
import { echoed } from './wire.js';

/** A type: its plan, and values of it. */
interface Kind {
  readonly plan: Plan;
  readonly values: fc.Arbitrary<unknown>;
}

const reversed = {
  decode: (text: string) => ({ reversed: [...text].reverse().join('') }),
  encode: (value: { reversed: string }) => [...value.reversed].reverse().join(''),
};
const microseconds = fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }).map((value) => value * 1000n);

const scalars: readonly Kind[] = [
  { plan: plan.none, values: fc.constant(null) },
  { plan: plan.boolean, values: fc.boolean() },
  { plan: plan.string, values: fc.string() },
  { plan: plan.number, values: fc.double() },
  { plan: plan.integer, values: fc.maxSafeInteger() },
  { plan: plan.bigint, values: fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }) },
  { plan: plan.bytes, values: fc.uint8Array().map((array) => new Uint8Array(array)) },
  { plan: plan.complex, values: fc.tuple(fc.double(), fc.double()) },
  { plan: plan.literal('a', 1, true), values: fc.constantFrom('a', 1, true) },
  { plan: plan.date, values: fc.date({ noInvalidDate: true }) },
  { plan: plan.nanoseconds, values: microseconds },
  {
    plan: plan.custom(reversed, plan.string),
    values: fc.string({ unit: 'grapheme-ascii' }).map((text) => ({ reversed: text })),
  },
  {
    plan: plan.ndarray('float32', [null]),
    values: fc.float32Array().map((array) => NdArray.from(new Float32Array(array))),
  },
];

/** Field names, of which one is what every object inherits. */
const NAMES = ['alpha', 'beta_two', '__proto__', 'constructor'] as const;

const kinds = fc.letrec<{ kind: Kind; scalar: Kind; container: Kind }>((tie) => ({
  scalar: fc.constantFrom(...scalars),
  kind: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie('scalar'), tie('container')),
  container: fc.oneof(
    tie('kind').map((of) => ({
      plan: plan.array(of.plan),
      values: fc.array(of.values, { maxLength: 5 }),
    })),
    tie('kind').map((of) => ({
      plan: plan.set(of.plan),
      values: fc.array(of.values, { maxLength: 5 }).map((items) => new Set(items)),
    })),
    fc.array(tie('kind'), { maxLength: 4 }).map((of) => ({
      plan: plan.tuple(...of.map((item) => item.plan)),
      values: fc.tuple(...of.map((item) => item.values)),
    })),
    tie('kind').map((of) => ({
      plan: plan.record(of.plan),
      values: fc.dictionary(fc.string(), of.values, { maxKeys: 5, noNullPrototype: true }),
    })),
    tie('kind').map((of) => ({
      plan: plan.map(plan.integer, of.plan),
      values: fc
        .array(fc.tuple(fc.integer(), of.values), { maxLength: 5 })
        .map((pairs) => new Map(pairs)),
    })),
    fc.tuple(tie('kind'), tie('kind'), tie('kind')).map(([first, second, third]) => ({
      plan: plan.object({
        alpha: first.plan,
        betaTwo: plan.renamed('beta_two', plan.optional(second.plan)),
        constructor: plan.optional(third.plan),
      } as never),
      values: fc.record(
        {
          alpha: first.values,
          betaTwo: second.values,
          constructor: third.values,
          other: fc.integer(),
        },
        { requiredKeys: ['alpha'], noNullPrototype: true },
      ),
    })),
    tie('kind').map((of) => ({ plan: plan.nullable(of.plan), values: fc.option(of.values) })),
    tie('kind').map((of) => ({ plan: plan.lazy(() => of.plan), values: of.values })),
    tie('kind').map((of) => ({
      plan: plan.tagged('kind', {
        [NAMES[0]]: plan.object({ value: of.plan }),
        [NAMES[3]]: plan.any,
      } as never),
      values: fc.record(
        { kind: fc.constant(NAMES[0]), value: of.values },
        { noNullPrototype: true },
      ),
    })),
    tie('kind').map((of) => ({
      plan: plan.union(
        plan.string,
        plan.object({ left: of.plan }),
        plan.object({ rightSide: plan.renamed('right_side', of.plan) }),
        plan.bigint,
      ),
      values: fc.oneof(
        fc.string(),
        fc.bigInt(),
        of.values.map((left) => ({ left })),
        of.values.map((rightSide) => ({ rightSide })),
      ),
    })),
  ),
}));

test('a value of any type comes back as it went', () => {
  fc.assert(
    fc.property(
      kinds.kind.chain((kind) => fc.tuple(fc.constant(kind), kind.values)),
      ([kind, value]) => {
        const before = copyOf(value);
        expect(alike(echoed(kind.plan, value), before)).toBe(true);
        expect(alike(value, before)).toBe(true);
      },
    ),
    { numRuns: 1500 },
  );
});

test('whatever comes is read or refused, by any plan', () => {
  fc.assert(
    fc.property(
      kinds.kind,
      fc.anything({ withBigInt: true, withDate: true, withMap: true }),
      (kind, value) => {
        try {
          kind.plan.decode(value, '$');
        } catch (error) {
          expect((error as Error).name).toMatch(/^(ResultError|IntegerRangeError)$/);
        }
        try {
          kind.plan.encode(value);
        } catch (error) {
          // The codec of a custom type gets what is none of its values, and fails over it.
          expect((error as Error).message).toContain('its codec failed');
        }
      },
    ),
    { numRuns: 1500 },
  );
});

/** As `same`, for Sets too. */
function alike(left: unknown, right: unknown): boolean {
  const listed = (value: unknown) => copy(value, (items) => ['a Set', ...items]);
  return same(listed(left), listed(right));
}

function copyOf(value: unknown): unknown {
  return copy(value, (items) => new Set(items));
}

/** Copies a value all the way down, with its Sets as `ofSet` makes them. */
function copy(value: unknown, ofSet: (items: unknown[]) => unknown): unknown {
  const each = (item: unknown) => copy(item, ofSet);
  if (value instanceof Set) return ofSet([...value].map(each));
  if (Array.isArray(value)) return value.map(each);
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [each(key), each(item)]));
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  const entries = Object.entries(value as object).map(([key, item]) => [key, each(item)]);
  return Object.fromEntries(entries);
}

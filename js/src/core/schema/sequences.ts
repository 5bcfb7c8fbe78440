// Plans of values with their parts in order: lists, sets and tuples.

import { mismatch } from './mismatches.js';
import type { Place } from './place.js';
import { define, type Look, type Plan, type Rules, type ValueOf, write } from './plan.js';
import { any } from './scalars.js';

/** A list of equal items. */
export function array<T>(items: Plan<T>): Plan<T[]> {
  return define<T[]>({
    expected: () => 'a list',
    parts: () => [items],
    read: (value, place) => readItems(value, items, place, 'a list'),
    ...(items.write && {
      write: (value, place) => (Array.isArray(value) ? writeItems(value, items, place) : value),
    }),
    fits: (value, look) => Array.isArray(value) && allFit(value, items, look),
  });
}

/** Distinct items, as a Set; they travel as a list. */
export function set<T = unknown>(items: Plan<T> = any as Plan<T>): Plan<Set<T>> {
  return define<Set<T>>({
    expected: () => 'a set',
    parts: () => [items],
    read: (value, place) => new Set(readItems(value, items, place, 'a set')),
    ...(items.write && {
      write: (value, place) =>
        value instanceof Set ? writeItems([...value], items, place) : value,
    }),
    fits: (value, look) =>
      (look.ours ? value instanceof Set : Array.isArray(value)) &&
      allFit(value as Iterable<unknown>, items, look),
  });
}

/** The types that some plans are of, in their order. */
export type ValuesOf<P extends readonly Plan[]> = { -readonly [I in keyof P]: ValueOf<P[I]> };

/** A fixed number of items, each of a type of its own. */
export function tuple<P extends readonly Plan[]>(...plans: P): Plan<ValuesOf<P>> {
  const expected = `a tuple of ${plans.length}`;
  return define<ValuesOf<P>>({
    expected: () => expected,
    parts: () => plans,
    read: (value, place) => {
      if (!Array.isArray(value) || value.length !== plans.length) {
        throw mismatch(place, expected, value);
      }
      const inner = place.inside();
      plans.forEach((plan, index) => {
        place.key = index;
        value[index] = plan.read(value[index], inner);
      });
      return value as ValuesOf<P>;
    },
    ...(plans.some((plan) => plan.write) && {
      write: (value: unknown, place: Place) => {
        if (!Array.isArray(value)) return value;
        const inner = place.inside();
        return value.map((item, index) => {
          place.key = index;
          const plan = plans[index];
          return plan === undefined ? item : write(plan, item, inner);
        });
      },
    }),
    fits: (value, look) =>
      Array.isArray(value) &&
      value.length === plans.length &&
      plans.every((plan, index) => look.left-- <= 0 || plan.fits(value[index], look)),
  });
}

/** Items each of a type of its own, and any number of others of one type between. */
export function openTuple<
  First extends readonly Plan[],
  Rest,
  Last extends readonly Plan[] = readonly [],
>(
  first: readonly [...First],
  rest: Plan<Rest>,
  last: readonly [...Last] = [] as unknown as readonly [...Last],
): Plan<[...ValuesOf<First>, ...Rest[], ...ValuesOf<Last>]> {
  type Value = [...ValuesOf<First>, ...Rest[], ...ValuesOf<Last>];
  const least = first.length + last.length;
  const expected = `a tuple of ${least} or more`;
  const plans: readonly Plan[] = [...first, rest, ...last];
  const planAt = (index: number, length: number): Plan => {
    if (index < first.length) return first[index] as Plan;
    return last[index - (length - last.length)] ?? rest;
  };
  return define<Value>({
    expected: () => expected,
    parts: () => plans,
    read: (value, place) => {
      if (!Array.isArray(value) || value.length < least) {
        throw mismatch(place, expected, value);
      }
      const inner = place.inside();
      for (let index = 0; index < value.length; index++) {
        place.key = index;
        value[index] = planAt(index, value.length).read(value[index], inner);
      }
      return value as Value;
    },
    ...(plans.some((plan) => plan.write) && {
      write: (value: unknown, place: Place) => {
        if (!Array.isArray(value)) return value;
        const inner = place.inside();
        return value.map((item, index) => {
          place.key = index;
          return write(planAt(index, value.length), item, inner);
        });
      },
    }),
    fits: (value, look) =>
      Array.isArray(value) &&
      value.length >= least &&
      value.every(
        (item, index) => look.left-- <= 0 || planAt(index, value.length).fits(item, look),
      ),
  });
}

/** Reads the items of a list in place. */
function readItems<T>(value: unknown, items: Plan<T>, place: Place, expected: string): T[] {
  if (!Array.isArray(value)) {
    throw mismatch(place, expected, value);
  }
  if (items !== any) {
    const inner = place.inside();
    for (let index = 0; index < value.length; index++) {
      place.key = index;
      value[index] = items.read(value[index], inner);
    }
  }
  return value;
}

function writeItems<T>(values: readonly T[], items: Rules<T>, place: Place): unknown[] {
  const inner = place.inside();
  return values.map((item, index) => {
    place.key = index;
    return write(items, item, inner);
  });
}

/** Whether all items fit, as far as may be looked. */
function allFit(values: Iterable<unknown>, items: Plan, look: Look): boolean {
  if (items !== any) {
    for (const item of values) {
      if (look.left-- <= 0) return true;
      if (!items.fits(item, look)) return false;
    }
  }
  return true;
}

// Plans of values that are one of several types. Which one is found out by what the value looks like, or by a
// field that says it.

import { isRecord } from '../protocol/records.js';
import { mismatch } from './mismatches.js';
import type { Place } from './place.js';
import { define, type Look, type Plan, type ValueOf, write } from './plan.js';
import { hasFields, isObject } from './records.js';

/**
 * Parts of a value that are looked at to tell one option from another. What differs only behind them cannot be
 * told apart, but the cost has a bound: options that nest in one another would double it with every level.
 */
const LOOK_PARTS = 1000;

/** A value, or None. */
export function nullable<T>(plan: Plan<T>): Plan<T | null> {
  return define<T | null>({
    expected: () => `${plan.expected()} | None`,
    parts: () => [plan],
    read: (value, place) => (value === null ? null : plan.read(value, place)),
    ...(plan.write && {
      write: (value, place) =>
        value === null || value === undefined ? null : write(plan, value, place),
    }),
    fits: (value, look) => value === null || plan.fits(value, look),
  });
}

/**
 * One of several types: the first that the value looks like, preferring an object without unknown fields.
 *
 * Objects inside name all their fields.
 */
export function union<P extends readonly Plan[]>(...plans: P): Plan<ValueOf<P[number]>> {
  const expected = () => plans.map((plan) => plan.expected()).join(' | ');
  return define<ValueOf<P[number]>>({
    expected,
    parts: () => plans,
    read: (value, place) => {
      const plan = choose(plans, value, false);
      if (plan === undefined) throw mismatch(place, expected(), value);
      return plan.read(value, place) as ValueOf<P[number]>;
    },
    ...(plans.some((plan) => plan.write) && {
      write: (value: unknown, place: Place) => {
        const plan = choose(plans, value, true);
        return plan === undefined ? value : write(plan, value, place);
      },
    }),
    fits: (value, look) => plans.some((plan) => plan.fits(value, look)),
  });
}

/** For a first look from outside, which settles most unions; another is taken only between what is left. */
const FROM_OUTSIDE: Look = { left: Number.NEGATIVE_INFINITY, exact: false, ours: false };
const OURS_FROM_OUTSIDE: Look = { left: Number.NEGATIVE_INFINITY, exact: false, ours: true };

/** Returns the plan that a value is most likely of. */
function choose(plans: readonly Plan[], value: unknown, ours: boolean): Plan | undefined {
  const look = ours ? OURS_FROM_OUTSIDE : FROM_OUTSIDE;
  let first: Plan | undefined;
  for (const plan of plans) {
    if (plan.fits(value, look)) {
      if (first !== undefined) {
        return bestOf(plans, value, ours) ?? first;
      }
      first = plan;
    }
  }
  return first;
}

function bestOf(plans: readonly Plan[], value: unknown, ours: boolean): Plan | undefined {
  const fitting = (exact: boolean) =>
    plans.find((plan) => plan.fits(value, { left: LOOK_PARTS, exact, ours }));
  return fitting(true) ?? fitting(false);
}

/**
 * One of several objects, which the value of a field tells apart: `options` are keyed by that value's text.
 * `name` is what the field is called here, where that is not its name in Python.
 */
export function tagged<O extends Readonly<Record<string, Plan>>>(
  field: string,
  options: O,
  name: string = field,
): Plan<ValueOf<O[keyof O]>> {
  const plans = new Map(Object.entries<Plan>(options));
  const tags = [...plans.keys()].map((tag) => JSON.stringify(tag)).join(' | ');
  const expected = `an object whose ${field} is ${tags}`;
  const planOf = (value: Record<string, unknown>, key: string) => plans.get(String(value[key]));
  return define<ValueOf<O[keyof O]>>({
    expected: () => expected,
    parts: () => [...plans.values()],
    read: (value, place) => {
      const plan = isRecord(value) ? planOf(value, field) : undefined;
      if (plan === undefined) {
        throw mismatch(place, expected, isRecord(value) ? value[field] : value);
      }
      return plan.read(value, place) as ValueOf<O[keyof O]>;
    },
    ...([...plans.values()].some((plan) => plan.write) && {
      write: (value: unknown, place: Place) => {
        const plan = hasFields(value) ? planOf(value, name) : undefined;
        return plan === undefined ? value : write(plan, value, place);
      },
    }),
    fits: (value, look) =>
      isObject(value, look.ours) &&
      planOf(value, look.ours ? name : field)?.fits(value, look) === true,
  });
}

// Plans of moments: a Date, or exact nanoseconds.

import { dateOfNanoseconds, nanosecondsOf } from '../protocol/codec/exact-times.js';
import { mismatch } from './mismatches.js';
import type { Place } from './place.js';
import { define, type Plan } from './plan.js';

const EXPECTED = 'an aware datetime';
const ADVICE =
  'A naive datetime travels as text: give it a time zone, as with datetime.now(timezone.utc), or annotate it ' +
  'Annotated[datetime, Naive].';

const NANOSECONDS_PER_MICROSECOND = 1000n;

/** An aware datetime as a Date, which holds milliseconds. */
export const date: Plan<Date> = /* @__PURE__ */ define<Date>({
  expected: () => EXPECTED,
  read: aware,
  fits: (value) => value instanceof Date,
});

/**
 * An aware datetime as the nanoseconds since 1970, in UTC.
 *
 * Python holds microseconds: of what is sent, anything finer is cut off (towards the past).
 */
export const nanoseconds: Plan<bigint> = /* @__PURE__ */ define<bigint>({
  expected: () => EXPECTED,
  read: (value, place) => nanosecondsOf(aware(value, place)),
  write: (value) =>
    typeof value === 'bigint' ? dateOfNanoseconds(wholeMicroseconds(value)) : value,
  fits: (value, look) => (look.ours ? typeof value === 'bigint' : value instanceof Date),
});

function aware(value: unknown, place: Place): Date {
  if (!(value instanceof Date)) {
    throw mismatch(place, EXPECTED, value, typeof value === 'string' ? { advice: ADVICE } : {});
  }
  return value;
}

function wholeMicroseconds(value: bigint): bigint {
  const per = NANOSECONDS_PER_MICROSECOND;
  return value - (((value % per) + per) % per);
}

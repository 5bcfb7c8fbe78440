// Integers that no `number` holds, where a `number` is promised: refused with their path, never rounded.
// Decoding only notes that there is one; finding it is a second walk, of the values that are refused.

import { isRecord } from '../records.js';
import { IntegerRangeError } from '../value-errors.js';
import { pathStep } from './refusals.js';

/**
 * Passes a decoded value whose integers are all safe; `root` begins the path of one that is not.
 *
 * @throws IntegerRangeError
 */
export function requireSafeIntegers(value: unknown, root = '$'): void {
  if (typeof value === 'bigint') throw integerRangeError(value, root);
  // Keys included: those of a map may be integers too.
  for (const [key, item] of entriesOf(value)) {
    requireSafeIntegers(key, `${root}[key]`);
    requireSafeIntegers(item, root + pathStep(key));
  }
}

function entriesOf(value: unknown): Iterable<[unknown, unknown]> {
  if (Array.isArray(value)) return value.entries();
  if (value instanceof Map) return value;
  return isRecord(value) ? Object.entries(value) : [];
}

/** Returns the error for an integer beyond ±(2^53 − 1). */
export function integerRangeError(value: bigint, path: string): IntegerRangeError {
  const text = value.toString();
  const shown = text.length > 40 ? `an integer of ${text.length} digits` : `the integer ${text}`;
  return new IntegerRangeError(
    `${shown[0]!.toUpperCase()}${shown.slice(1)} at ${path} is beyond ±(2^53 − 1), the range of a number. ` +
      'Annotate it as Annotated[int, BigInt] in Python to get a bigint, or return it as text.',
    { path },
  );
}

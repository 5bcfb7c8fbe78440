// Integers that no `number` holds, where a `number` is promised: refused with their path, never rounded.
// Decoding only notes that there is one; finding it is a second walk, of the values that are refused.

import { IntegerRangeError } from '../value-errors.js';
import { pathStep } from './refusals.js';

/**
 * Passes a decoded value whose integers are all safe; `root` begins the path of one that is not.
 *
 * @throws IntegerRangeError
 */
export function requireSafeIntegers(value: unknown, root = '$'): void {
  const found = findBigInt(value, root);
  if (found !== undefined) {
    throw integerRangeError(found.value, found.path);
  }
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

interface Found {
  readonly value: bigint;
  readonly path: string;
}

function findBigInt(value: unknown, path: string): Found | undefined {
  if (typeof value === 'bigint') {
    return { value, path };
  }
  if (Array.isArray(value)) {
    return firstOf(value.entries(), path);
  }
  if (value instanceof Map) {
    return firstOf(value, path);
  }
  const plain = typeof value === 'object' && value !== null;
  return plain && Object.getPrototypeOf(value) === Object.prototype
    ? firstOf(Object.entries(value), path)
    : undefined;
}

/** Looks into entries one after another, keys included: those of a map may be integers too. */
function firstOf(entries: Iterable<[unknown, unknown]>, path: string): Found | undefined {
  for (const [key, item] of entries) {
    const found = findBigInt(key, `${path}[key]`) ?? findBigInt(item, path + pathStep(key));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

// The errors of values that are not of the type they should be, in Python's words: it is Python code that
// returned them, and Python code that will be mended.

import type { NdArray } from '../protocol/codec/nd-array.js';
import { shortened, tagOf } from '../protocol/codec/refusals.js';
import { ResultError } from '../protocol/errors.js';
import type { Place } from './place.js';

/** What else is known of a mismatch. */
export interface MismatchOptions {
  /** A sentence on what to do about it. */
  readonly advice?: string;
  readonly cause?: unknown;
}

/** Returns the error for a value at `place` that is not what is expected there. */
export function mismatch(
  place: Place,
  expected: string,
  value: unknown,
  { advice = '', cause }: MismatchOptions = {},
): ResultError {
  const { path, context, subject } = place;
  const method = context?.method ?? '';
  const got = describe(value);
  const where = path === '$' ? subject : `${subject} at ${path}`;
  const who = method === '' ? where[0]!.toUpperCase() + where.slice(1) : `${method}(): ${where}`;
  const message = `${who} must be ${expected}, got ${got}.${advice && ` ${advice}`}`;
  return new ResultError(message, { method, path, expected, got }, { cause });
}

/** Returns what a value is for Python, with a little of it. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'boolean':
      return value ? 'bool True' : 'bool False';
    case 'string':
      return `str ${JSON.stringify(shortened(value))}`;
    case 'bigint':
      return `int ${shortened(String(value))}`;
    case 'number':
      return `${Number.isInteger(value) ? 'int' : 'float'} ${value}`;
    case 'object':
      return value === null ? 'None' : describeObject(value);
    default:
      return typeof value;
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (value instanceof Date) return 'datetime';
  if (value instanceof Uint8Array) return `bytes of ${value.length}`;
  if (tagOf(value) === 'NdArray') {
    const { dtype, shape } = value as NdArray; // recognised so, its class need not be there
    return `ndarray of ${dtype} with the shape [${shape.join(', ')}]`;
  }
  return 'dict';
}

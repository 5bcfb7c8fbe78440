// Plain objects: what counts as one.

import { tagOf } from '../protocol/codec/refusals.js';
import { isRecord } from '../protocol/records.js';

/** Whether a value of the caller's is an object with fields: no array, Map, Date or the like. */
export function hasFields(value: unknown): value is Record<string, unknown> {
  return tagOf(value) === 'Object';
}

/** Whether a value is an object with fields, one of the caller's or one that came. */
export function isObject(value: unknown, ours: boolean): value is Record<string, unknown> {
  return ours ? hasFields(value) : isRecord(value);
}

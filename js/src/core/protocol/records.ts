// Maps with text as keys, as the bodies of messages have them.

import { DecodeError } from './value-errors.js';

/** @throws DecodeError when it is something else */
export function record(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) {
    throw new DecodeError('A map with text as keys is expected; this is something else.');
  }
  return value;
}

/** Whether a value that came off the wire is a plain object; maps with other keys than text are Maps. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

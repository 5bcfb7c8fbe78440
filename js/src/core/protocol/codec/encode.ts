// Values to MessagePack, for those who have no connection to write on; how values are written is told in
// `value-writer.ts`.

import { ALL_EXTENSIONS } from './all-extensions.js';
import { type EncodeOptions, ValueWriter } from './value-writer.js';

/**
 * Returns the MessagePack of a value.
 *
 * @throws EncodeError when something in it cannot travel; `path` says what.
 */
export function encodeValue(value: unknown, options: EncodeOptions = {}): Uint8Array {
  const writer = new ValueWriter(new Uint8Array(256), Number.MAX_SAFE_INTEGER, {
    extensions: ALL_EXTENSIONS,
    ...options,
  });
  writer.value(value, '$');
  return writer.bytes.subarray(0, writer.position);
}

// MessagePack to values. Implements the section "Values" of docs/protocol.md.
// The ways in, one for each who decodes; how values are read is told in `value-reader.ts`.

import * as limits from '../limits.js';
import { ALL_EXTENSIONS } from './all-extensions.js';
import { requireSafeIntegers } from './integer-range.js';
import { ArrivedSegments } from './segment-references.js';
import { reader } from './value-reader.js';

export interface DecodeOptions {
  /** Containers that may stand inside one another. */
  readonly maxDepth?: number;
  /** Whether binaries are copies (the default) or views on `bytes`. */
  readonly copyBytes?: boolean;
  /** What becomes of integers beyond ±(2^53 − 1): a `bigint` (the default), or an `IntegerRangeError`. */
  readonly integers?: 'exact' | 'safe';
}

/**
 * Returns the value of one MessagePack document.
 *
 * @throws DecodeError when `bytes` are anything else.
 */
export function decodeValue(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  const maxDepth = options.maxDepth ?? limits.maxDepth;
  reader.know(ALL_EXTENSIONS);
  const value = reader.document(bytes, 0, maxDepth, options.copyBytes ?? true);
  if (reader.hasBigInt && options.integers === 'safe') {
    requireSafeIntegers(value);
  }
  return value;
}

/** Returns the value that `bytes` hold from `start` on, `maxDepth` containers deep at most. */
export function decodeFrom(bytes: Uint8Array, start: number, maxDepth: number): unknown {
  reader.know(ALL_EXTENSIONS);
  return reader.document(bytes, start, maxDepth, true);
}

/** Runs a decoding of values that refer to segments, which become parts of them, each of one place. */
export function withSegments<T>(segments: readonly Uint8Array<ArrayBuffer>[], decode: () => T): T {
  return reader.withSegments(new ArrivedSegments(segments), decode);
}

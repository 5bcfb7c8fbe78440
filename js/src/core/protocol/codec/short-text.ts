// Short text, read by hand while it is ASCII: a call into TextDecoder costs more than it saves below some dozen
// characters.

import { decodeUtf8 } from './text.js';

/** Longest text, in bytes, that is tried as ASCII by hand when it is read: one of more than two parts takes four times the memory. */
const TWO_PARTS = 16;
/** Characters that are made text together. */
const PART = 8;

/**
 * Returns the text of `bytes` from `start` to `end`.
 *
 * @throws TypeError when it is not UTF-8.
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  return (
    (end - start <= TWO_PARTS ? shortAscii(bytes, start, end) : undefined) ??
    decodeUtf8(bytes, start, end)
  );
}

/** Makes a text of one part or of two: each part that is joined to another costs a string of its own. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const middle = start + PART;
  if (end <= middle) return start === end ? '' : part(bytes, start, end);
  const first = part(bytes, start, middle);
  const rest = first === undefined ? undefined : part(bytes, middle, end);
  return rest === undefined ? undefined : first + rest;
}

/** One to eight bytes as text, if they are ASCII. */
function part(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start;
  const a = bytes[start]!;
  const b = length > 1 ? bytes[start + 1]! : 0;
  const c = length > 2 ? bytes[start + 2]! : 0;
  const d = length > 3 ? bytes[start + 3]! : 0;
  const e = length > 4 ? bytes[start + 4]! : 0;
  const f = length > 5 ? bytes[start + 5]! : 0;
  const g = length > 6 ? bytes[start + 6]! : 0;
  const h = length > 7 ? bytes[start + 7]! : 0;
  if ((a | b | c | d | e | f | g | h) >= 0x80) return undefined;
  switch (length) {
    case 1:
      return String.fromCharCode(a);
    case 2:
      return String.fromCharCode(a, b);
    case 3:
      return String.fromCharCode(a, b, c);
    case 4:
      return String.fromCharCode(a, b, c, d);
    case 5:
      return String.fromCharCode(a, b, c, d, e);
    case 6:
      return String.fromCharCode(a, b, c, d, e, f);
    case 7:
      return String.fromCharCode(a, b, c, d, e, f, g);
    default:
      return String.fromCharCode(a, b, c, d, e, f, g, h);
  }
}

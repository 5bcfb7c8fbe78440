// Text as strict UTF-8, both ways. Short ASCII goes by hand: a call into TextEncoder or TextDecoder
// costs more than it saves below some dozen characters.

const encoder = new TextEncoder();
// A leading byte order mark is a character like any other here.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longest text, in characters, that is tried as ASCII by hand when it is written. */
export const SHORT_TEXT = 48;
/** Longest text, in bytes, that is tried as ASCII by hand when it is read: one of more than two parts takes four times the memory. */
const TWO_PARTS = 16;
/** Characters that are made text together. */
const PART = 8;

/** Returns the length of `text` in UTF-8, or ~index of its first lone surrogate. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      length += 1;
    } else {
      length += 2;
      if (unit >= 0xd800 && unit <= 0xdfff) {
        const next = text.charCodeAt(index + 1);
        if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) {
          return ~index;
        }
        index++; // a pair takes four bytes: two units and the two added
      }
    }
  }
  return length;
}

/** Writes `text`, which fits and is well-formed. */
export function writeUtf8(text: string, bytes: Uint8Array, at: number): void {
  encoder.encodeInto(text, bytes.subarray(at));
}

/**
 * Returns the text of `bytes` from `start` to `end`.
 *
 * @throws TypeError when it is not UTF-8.
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  return (
    (end - start <= TWO_PARTS ? shortAscii(bytes, start, end) : undefined) ??
    decoder.decode(bytes.subarray(start, end))
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

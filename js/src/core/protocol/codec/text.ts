// Text as strict UTF-8, both ways. How short text is read is the room `short-text`.

const encoder = new TextEncoder();
// A leading byte order mark is a character like any other here.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longest text, in characters, that is tried as ASCII by hand when it is written: a call into TextEncoder costs more. */
export const SHORT_TEXT = 48;
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

/** Returns the text of `bytes` from `start` to `end`. @throws TypeError when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}

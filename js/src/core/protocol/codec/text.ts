// Text as strict UTF-8, both ways. Short ASCII goes by hand: a call into TextEncoder or TextDecoder
// costs more than it saves below a few dozen characters.

const encoder = new TextEncoder();
// A leading byte order mark is a character like any other here.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longest text, in characters or bytes, that is tried as ASCII by hand. */
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

/**
 * Returns the text of `bytes` from `start` to `end`.
 *
 * @throws TypeError when it is not UTF-8.
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  return (
    (end - start <= SHORT_TEXT ? shortAscii(bytes, start, end) : undefined) ??
    decoder.decode(bytes.subarray(start, end))
  );
}

function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let index = start;
  for (; index + 4 <= end; index += 4) {
    const a = bytes[index]!;
    const b = bytes[index + 1]!;
    const c = bytes[index + 2]!;
    const d = bytes[index + 3]!;
    if ((a | b | c | d) >= 0x80) return undefined;
    text += String.fromCharCode(a, b, c, d);
  }
  for (; index < end; index++) {
    const unit = bytes[index]!;
    if (unit >= 0x80) return undefined;
    text += String.fromCharCode(unit);
  }
  return text;
}

const CACHED_KEYS = 1024;
const CACHED_KEY_BYTES = 32;

/**
 * The keys of maps, which come again and again: a hit spares making the string and looking it up in the
 * engine's table of property names. Bounded: a key has two places, and a new one drives out the older.
 */
export class KeyCache {
  readonly #bytes: (Uint8Array | undefined)[] = new Array(CACHED_KEYS).fill(undefined);
  readonly #keys: string[] = new Array(CACHED_KEYS).fill('');

  /** Returns the text of `bytes` from `start` to `end`. @throws TypeError when it is not UTF-8. */
  read(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > CACHED_KEY_BYTES) {
      return readUtf8(bytes, start, end);
    }
    let hash = end - start;
    for (let index = start; index < end; index++) {
      hash = Math.imul(hash, 31) + bytes[index]!;
    }
    const first = (hash ^ (hash >>> 15)) & (CACHED_KEYS - 1);
    const second = first ^ 1;
    if (holds(this.#bytes[first], bytes, start, end)) return this.#keys[first]!;
    if (holds(this.#bytes[second], bytes, start, end)) return this.#keys[second]!;
    const key = readUtf8(bytes, start, end);
    this.#bytes[second] = this.#bytes[first];
    this.#keys[second] = this.#keys[first]!;
    this.#bytes[first] = Uint8Array.from(bytes.subarray(start, end));
    this.#keys[first] = key;
    return key;
  }
}

function holds(
  known: Uint8Array | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (known === undefined || known.length !== end - start) return false;
  for (let index = 0; index < known.length; index++) {
    if (known[index] !== bytes[start + index]) return false;
  }
  return true;
}

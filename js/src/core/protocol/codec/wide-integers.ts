// Integers beyond 64 bits: an extension of our own (docs/protocol.md, "Values").

import * as limits from '../limits.js';
import type { Extensions, ReadExtension, WriteInstance } from './extension-tables.js';
import { Refusal } from './refusals.js';

const EXT_BIG_INT = 1;

/** Returns the minimal big-endian two's complement of an integer, or its length if it is over the limit. */
function bigIntToBytes(value: bigint): Uint8Array | number {
  const magnitude = value < 0n ? ~value : value;
  const digits = magnitude === 0n ? '' : magnitude.toString(16);
  const leading = digits === '' ? 0 : 32 - Math.clz32(Number.parseInt(digits[0]!, 16));
  const bits = digits === '' ? 0 : (digits.length - 1) * 4 + leading;
  const length = (bits >> 3) + 1;
  if (length > limits.maxBigIntBytes) {
    return length;
  }
  const bytes = new Uint8Array(length);
  const padded = digits.padStart(2 * length, '0');
  const flip = value < 0n ? 0xff : 0;
  for (let index = 0; index < length; index++) {
    bytes[index] = Number.parseInt(padded.slice(2 * index, 2 * index + 2), 16) ^ flip;
  }
  return bytes;
}

/** Returns the integer of a non-empty big-endian two's complement; padding is accepted. */
function bigIntFromBytes(bytes: Uint8Array): bigint {
  const negative = bytes[0]! >= 0x80;
  const flip = negative ? 0xff : 0;
  let digits = '0x';
  for (const byte of bytes) {
    digits += ((byte ^ flip) | 0x100).toString(16).slice(1);
  }
  const magnitude = BigInt(digits);
  return negative ? ~magnitude : magnitude;
}

const read: ReadExtension = (buffer, at, length) => {
  if (length === 0 || length > limits.maxBigIntBytes) {
    return `an integer extension of ${length} bytes (allowed are 1 to ${limits.maxBigIntBytes})`;
  }
  const value = bigIntFromBytes(new Uint8Array(buffer, at, length));
  const number = Number(value); // padding is accepted, so it may be a small one
  return Number.isSafeInteger(number) ? number : value;
};

const write: WriteInstance = (out, value) => {
  const data = bigIntToBytes(value as bigint);
  if (typeof data === 'number') {
    throw new Refusal(
      `an integer of ${data} bytes is over the limit of ${limits.maxBigIntBytes} bytes; send it as bytes or text`,
    );
  }
  out.extensionHeader(EXT_BIG_INT, data.length);
  out.raw(data);
};

function wideIntegers(): Extensions {
  return { readers: new Map([[EXT_BIG_INT, read]]), writers: new Map([['BigInt', write]]) };
}

export const WIDE_INTEGERS: Extensions = /* @__PURE__ */ wideIntegers();

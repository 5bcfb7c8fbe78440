// The scalars among the extension types: timestamps (-1, from the MessagePack specification) and integers
// beyond 64 bits (1, ours). Both as bytes of the extension's data.

import * as limits from '../limits.js';
import { exactDate } from './exact-times.js';

export const EXT_TIMESTAMP = -1;
export const EXT_BIG_INT = 1;

/** Milliseconds from the epoch that a Date can hold, either way. */
const MAX_DATE_MS = 8.64e15;
const NANOSECONDS_PER_MS = 1_000_000;
const MAX_NANOSECONDS = 999_999_999;

/** Returns the minimal big-endian two's complement of an integer, or its length if it is over the limit. */
export function bigIntToBytes(value: bigint): Uint8Array | number {
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
export function bigIntFromBytes(bytes: Uint8Array): bigint {
  const negative = bytes[0]! >= 0x80;
  const flip = negative ? 0xff : 0;
  let digits = '0x';
  for (const byte of bytes) {
    digits += ((byte ^ flip) | 0x100).toString(16).slice(1);
  }
  const magnitude = BigInt(digits);
  return negative ? ~magnitude : magnitude;
}

/** Returns the data of a timestamp, `remainder` nanoseconds behind `ms`, in the smallest of its three forms. */
export function timestampToBytes(ms: number, remainder: number): Uint8Array {
  const seconds = Math.floor(ms / 1000);
  const nanoseconds = (ms - seconds * 1000) * NANOSECONDS_PER_MS + remainder;
  if (seconds < 0 || seconds >= 2 ** 34) {
    const data = new DataView(new ArrayBuffer(12));
    data.setUint32(0, nanoseconds);
    data.setBigInt64(4, BigInt(seconds));
    return new Uint8Array(data.buffer);
  }
  if (nanoseconds > 0 || seconds >= 2 ** 32) {
    const data = new DataView(new ArrayBuffer(8));
    data.setUint32(0, nanoseconds * 4 + Math.floor(seconds / 2 ** 32));
    data.setUint32(4, seconds % 2 ** 32);
    return new Uint8Array(data.buffer);
  }
  const data = new DataView(new ArrayBuffer(4));
  data.setUint32(0, seconds);
  return new Uint8Array(data.buffer);
}

/** Returns the Date of a timestamp's data, rounded down to milliseconds, or a reason why there is none. */
export function timestampToDate(data: DataView): Date | string {
  let seconds: number;
  let nanoseconds = 0;
  if (data.byteLength === 4) {
    seconds = data.getUint32(0);
  } else if (data.byteLength === 8) {
    const high = data.getUint32(0);
    nanoseconds = high >>> 2;
    seconds = (high & 3) * 0x1_0000_0000 + data.getUint32(4);
  } else if (data.byteLength === 12) {
    nanoseconds = data.getUint32(0);
    seconds = Number(data.getBigInt64(4));
  } else {
    return `a timestamp of ${data.byteLength} bytes (4, 8 or 12 are defined)`;
  }
  if (nanoseconds > MAX_NANOSECONDS) {
    return `a timestamp with ${nanoseconds} nanoseconds`;
  }
  const ms = seconds * 1000 + Math.floor(nanoseconds / NANOSECONDS_PER_MS);
  return Math.abs(ms) <= MAX_DATE_MS
    ? exactDate(ms, nanoseconds % NANOSECONDS_PER_MS)
    : 'a timestamp outside the range of Date';
}

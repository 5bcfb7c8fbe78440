// Timestamps (extension type -1, from the MessagePack specification), as they are read.

import { exactDate } from './exact-times.js';

export const EXT_TIMESTAMP = -1;

/** Milliseconds from the epoch that a Date can hold, either way. */
const MAX_DATE_MS = 8.64e15;
export const NANOSECONDS_PER_MS = 1_000_000;
const MAX_NANOSECONDS = 999_999_999;

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

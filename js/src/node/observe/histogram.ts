/**
 * Counts how long things took in buckets whose width grows with the time: 32 to each power of two,
 * so a time read back is within 1.6 % of the one recorded (the layout of HdrHistogram, smaller).
 * Recording is a few machine instructions and allocates nothing but, rarely, longer lists.
 */
import type { HistogramStats } from '../../core/client/stats.js';

/** Times are counted in units of an eighth of a microsecond: finer than `performance.now()` tells. */
const UNITS_PER_MS = 8_000;
/** 2^5 buckets to a power of two. */
const BITS = 5;
const WIDTH = 1 << BITS;
/** Above 2^31 units (four and a half minutes) a number is shifted so that integer operations reach it. */
const SHIFT_ABOVE = 2 ** 31;
const SHIFT_BITS = 20;
/** Up to a second; longer times make the list longer. */
const FIRST_BUCKETS = 20 * WIDTH;
/** About eight years. */
const MAX_UNITS = 2 ** 50;

/** What Prometheus is told: upper bounds in milliseconds. */
export const BUCKET_BOUNDS_MS: readonly number[] = [
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500],
  ...[1_000, 2_500, 5_000, 10_000, 30_000, 60_000],
];

export class Histogram {
  #counts = new Float64Array(FIRST_BUCKETS);
  #count = 0;
  #sumMs = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  /** Counts one time; a negative one, as clocks may have it, counts as 0. */
  record(ms: number): void {
    const time = Math.max(ms, 0);
    const index = indexOf(time);
    if (index >= this.#counts.length) this.#lengthen(index);
    (this.#counts[index] as number) += 1;
    this.#count += 1;
    this.#sumMs += time;
    if (time < this.#minMs) this.#minMs = time;
    if (time > this.#maxMs) this.#maxMs = time;
  }

  /** Adds all that `other` has counted. */
  add(other: Histogram): void {
    if (other.#counts.length > this.#counts.length) this.#lengthen(other.#counts.length - 1);
    other.#counts.forEach((count, index) => {
      (this.#counts[index] as number) += count;
    });
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    this.#minMs = Math.min(this.#minMs, other.#minMs);
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  /** What `part` of all took no longer than, in milliseconds; 0 when there is none. */
  quantile(part: number): number {
    const wanted = Math.max(1, Math.ceil(part * this.#count));
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      // The middle of a bucket may lie outside of what was seen; the ends are known exactly.
      if (seen >= wanted) return Math.min(Math.max(middleOf(index), this.#minMs), this.#maxMs);
    }
    return 0;
  }

  stats(): HistogramStats {
    const count = this.#count;
    return {
      count,
      sumMs: this.#sumMs,
      meanMs: count === 0 ? 0 : this.#sumMs / count,
      minMs: count === 0 ? 0 : this.#minMs,
      maxMs: this.#maxMs,
      p50Ms: this.quantile(0.5),
      p90Ms: this.quantile(0.9),
      p99Ms: this.quantile(0.99),
      p999Ms: this.quantile(0.999),
      buckets: this.#buckets(),
    };
  }

  #buckets(): HistogramStats['buckets'] {
    let index = 0;
    let count = 0;
    return BUCKET_BOUNDS_MS.map((leMs) => {
      for (const end = indexOf(leMs); index <= end && index < this.#counts.length; index++) {
        count += this.#counts[index] as number;
      }
      return { leMs, count };
    });
  }

  #lengthen(index: number): void {
    const counts = new Float64Array(Math.ceil((index + 1) / WIDTH) * WIDTH);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

/** The bucket of a time: its highest bit and the five below that. */
function indexOf(ms: number): number {
  const units = Math.min(ms * UNITS_PER_MS, MAX_UNITS);
  if (units < WIDTH) return Math.trunc(units);
  const shifted = units >= SHIFT_ABOVE;
  const integer = Math.trunc(shifted ? units / 2 ** SHIFT_BITS : units);
  const power = 31 - Math.clz32(integer);
  const mantissa = (integer >>> (power - BITS)) & (WIDTH - 1);
  return (power + (shifted ? SHIFT_BITS : 0) - BITS + 1) * WIDTH + mantissa;
}

/** The middle of a bucket, in milliseconds. */
function middleOf(index: number): number {
  const power = Math.floor(index / WIDTH);
  if (power === 0) return (index + 0.5) / UNITS_PER_MS;
  const low = (WIDTH + (index % WIDTH)) * 2 ** (power - 1);
  return (low + 2 ** (power - 2)) / UNITS_PER_MS;
}

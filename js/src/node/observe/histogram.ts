/**
 * Counts how long things took in buckets whose width grows with the time: 32 to each power of two,
 * so a time read back is within 1.6 % of the one recorded (the layout of HdrHistogram).
 *
 * A bucket's number stands in the time itself: the exponent and the first five bits of the fraction
 * of a 32-bit float, as IEEE 754 lays them out. So recording is a handful of machine instructions.
 */
import type { HistogramStats } from '../../core/client/stats.js';

/** Bits of a float's fraction below those that number the bucket. */
const UNUSED_BITS = 23 - 5;
/** The bucket of 2^-13 ms, an eighth of a microsecond, below which all times are one. */
const LEAST = (127 - 13) << 5;
/** Up to 2^30 ms, twelve days; longer times count as that. */
const BUCKETS = (13 + 30) << 5;

/** Lists of counts grow by so many: four powers of two. */
const STEP = 4 << 5;
const NONE = new Float64Array(0);

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** What Prometheus is told: upper bounds in milliseconds. */
export const BUCKET_BOUNDS_MS: readonly number[] = [
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500],
  ...[1_000, 2_500, 5_000, 10_000, 30_000, 60_000],
];

/** For each bucket that a bound lies in, the number of the bound, counted from 1; 0 for the others. */
const BOUND_OF = new Uint8Array(BUCKETS);
BUCKET_BOUNDS_MS.forEach((ms, index) => {
  BOUND_OF[bucketOf(ms)] = index + 1;
});

export class Histogram {
  #counts = NONE;
  /** Of each bound: how many times of its bucket are longer, so that what it counts is exact. */
  readonly #beyond = new Float64Array(BUCKET_BOUNDS_MS.length);
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
    const bucket = bucketOf(time);
    if (bucket >= this.#counts.length) this.#lengthen(bucket);
    (this.#counts[bucket] as number) += 1;
    const bound = BOUND_OF[bucket] as number;
    if (bound > 0 && time > (BUCKET_BOUNDS_MS[bound - 1] as number)) {
      (this.#beyond[bound - 1] as number) += 1;
    }
    this.#count += 1;
    this.#sumMs += time;
    if (time < this.#minMs) this.#minMs = time;
    if (time > this.#maxMs) this.#maxMs = time;
  }

  /** Adds all that `other` has counted. */
  add(other: Histogram): void {
    if (other.#counts.length > this.#counts.length) this.#lengthen(other.#counts.length - 1);
    other.#counts.forEach((count, bucket) => {
      (this.#counts[bucket] as number) += count;
    });
    other.#beyond.forEach((count, bound) => {
      (this.#beyond[bound] as number) += count;
    });
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    this.#minMs = Math.min(this.#minMs, other.#minMs);
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  /** Counts as many times of nothing at all. */
  addZeros(count: number): void {
    if (count === 0) return;
    if (this.#counts.length === 0) this.#lengthen(0);
    (this.#counts[0] as number) += count;
    this.#count += count;
    this.#minMs = 0;
  }

  /** What `part` of all took no longer than, in milliseconds; 0 when there is none. */
  quantile(part: number): number {
    const wanted = Math.max(1, Math.ceil(part * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      // The middle of a bucket may lie outside of what was seen; the ends are known exactly.
      if (seen >= wanted) return Math.min(Math.max(middleOf(bucket), this.#minMs), this.#maxMs);
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
      buckets: this.#cumulated(),
    };
  }

  #cumulated(): HistogramStats['buckets'] {
    let bucket = 0;
    let count = 0;
    return BUCKET_BOUNDS_MS.map((leMs, bound) => {
      const end = Math.min(bucketOf(leMs) + 1, this.#counts.length);
      for (; bucket < end; bucket++) count += this.#counts[bucket] as number;
      return { leMs, count: count - (this.#beyond[bound] as number) };
    });
  }

  #lengthen(bucket: number): void {
    const counts = new Float64Array(Math.ceil((bucket + 1) / STEP) * STEP);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

function bucketOf(ms: number): number {
  float[0] = ms;
  const bucket = ((bits[0] as number) >>> UNUSED_BITS) - LEAST;
  return Math.min(Math.max(bucket, 0), BUCKETS - 1);
}

/** The middle of a bucket, in milliseconds. */
function middleOf(bucket: number): number {
  bits[0] = ((bucket + LEAST) << UNUSED_BITS) + (1 << (UNUSED_BITS - 1));
  return float[0] as number;
}

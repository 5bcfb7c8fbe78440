/** Times counted in buckets: what is read back is close to what was recorded. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Histogram } from '../../../src/node/observe/histogram.js';

function histogramOf(times: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const ms of times) histogram.record(ms);
  return histogram;
}

describe('A histogram', () => {
  it('of nothing is all zeros', () => {
    const stats = new Histogram().stats();
    expect(stats).toMatchObject({ count: 0, sumMs: 0, meanMs: 0, minMs: 0, maxMs: 0, p50Ms: 0 });
    expect(stats.buckets.every(({ count }) => count === 0)).toBe(true);
  });

  it('knows the count, the sum and both ends exactly', () => {
    const stats = histogramOf([4, 0.5, 7.25]).stats();
    expect(stats).toMatchObject({ count: 3, sumMs: 11.75, minMs: 0.5, maxMs: 7.25 });
    expect(stats.meanMs).toBeCloseTo(11.75 / 3);
  });

  it('tells quantiles within two percent, from microseconds to days', () => {
    const time = fc.double({ min: 0.002, max: 2 ** 29, noNaN: true });
    const part = fc.constantFrom(0.5, 0.9, 0.99, 0.999);
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 200 }), part, (times, wanted) => {
        const sorted = [...times].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(wanted * times.length) - 1] as number;
        // Below an eighth of a microsecond all are one.
        const allowed = Math.max(exact * 0.02, 2 ** -13);
        expect(Math.abs(histogramOf(times).quantile(wanted) - exact)).toBeLessThanOrEqual(allowed);
      }),
    );
  });

  it('is, added to another, what one of all the times would be', () => {
    const time = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(time), fc.array(time), (some, others) => {
        const sum = histogramOf(some);
        sum.add(histogramOf(others));
        const { sumMs, meanMs, ...stats } = sum.stats();
        const { sumMs: _, meanMs: __, ...all } = histogramOf([...some, ...others]).stats();
        expect(stats).toEqual(all);
      }),
    );
  });

  it('counts a clock that went backwards, and times beyond all measure', () => {
    expect(histogramOf([-5]).stats()).toMatchObject({ count: 1, minMs: 0, maxMs: 0, sumMs: 0 });
    expect(histogramOf([Number.MAX_VALUE]).stats().count).toBe(1);
  });

  it('has buckets that count all below them', () => {
    const { buckets } = histogramOf([0.05, 0.2, 3, 3, 40_000]).stats();
    const counts = new Map(buckets.map(({ leMs, count }) => [leMs, count]));
    expect([0.1, 0.25, 2.5, 5, 30_000, 60_000].map((leMs) => counts.get(leMs))).toEqual([
      1, 2, 2, 4, 4, 5,
    ]);
  });

  it('has bounds that are exact: what is longer by a hair is beyond', () => {
    const bounds = [0.1, 0.25, 1, 10, 100, 2_500, 60_000];
    const around = bounds.flatMap((ms) => [ms * (1 - 1e-12), ms, ms * (1 + 1e-12)]);
    const { buckets } = histogramOf(around).stats();
    const counts = new Map(buckets.map(({ leMs, count }) => [leMs, count]));
    expect(bounds.map((ms) => counts.get(ms))).toEqual([2, 5, 8, 11, 14, 17, 20]);
  });

  it('counts below a bound what a list of the times would', () => {
    const bound = fc.constantFrom(0.1, 0.5, 1, 2.5, 5, 25, 50, 250, 1_000, 5_000, 30_000);
    const near = fc.tuple(bound, fc.double({ min: 0.97, max: 1.03, noNaN: true }));
    const time = fc.oneof(
      bound,
      near.map(([ms, factor]) => ms * factor),
    );
    fc.assert(
      fc.property(fc.array(time), fc.array(time), (some, others) => {
        const sum = histogramOf(some);
        sum.add(histogramOf(others));
        for (const { leMs, count } of sum.stats().buckets) {
          expect(count).toBe([...some, ...others].filter((ms) => ms <= leMs).length);
        }
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { MemoryWatch, residentBytes } from '../../../../src/node/supervisor/worker/memory-watch.js';
import { FakeTime } from '../../support/fake-time.js';

function watchOf(readings: (number | undefined)[], limitBytes: number) {
  const time = new FakeTime();
  const exceeded: number[] = [];
  const asked: number[] = [];
  const watch = new MemoryWatch({
    ...{ pid: 7, limitBytes, time },
    onExceeded: (bytes) => exceeded.push(bytes),
    read: (pid) => {
      asked.push(pid);
      return readings.shift();
    },
  });
  return { watch, time, exceeded, asked };
}

describe('The memory of a worker', () => {
  it('is read once a second', () => {
    const { watch, time, asked } = watchOf([10, 20, 30], Number.POSITIVE_INFINITY);
    expect(watch.bytes).toBe(10);
    time.pass(1000);
    expect(watch.bytes).toBe(20);
    time.pass(1000);
    expect(watch.bytes).toBe(30);
    expect(asked).toEqual([7, 7, 7]);
  });

  it('is told of once when it is more than the limit', () => {
    const { watch, time, exceeded } = watchOf([100, 101, 500], 100);
    expect(exceeded).toEqual([]);
    time.pass(10_000);
    expect(exceeded).toEqual([101]);
    expect(watch.bytes).toBe(101);
  });

  it('is not read any more where it cannot be read, or nobody wants to know', () => {
    const blind = watchOf([undefined, 1], 100);
    blind.time.pass(10_000);
    expect(blind.asked).toHaveLength(1);
    const stopped = watchOf([1, 2], 100);
    stopped.watch.stop();
    stopped.time.pass(10_000);
    expect(stopped.asked).toHaveLength(1);
  });

  it('is what the kernel says', () => {
    const bytes = residentBytes(process.pid) as number;
    expect(bytes).toBeGreaterThan(10 * 2 ** 20);
    expect(bytes).toBeLessThan(16 * 2 ** 30);
    expect(residentBytes(2 ** 30)).toBeUndefined();
  });
});

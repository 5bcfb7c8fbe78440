import { describe, expect, it } from '@jest/globals';
import { Watchdog } from '../../../../src/node/supervisor/worker/watchdog.js';
import { FakeTime } from '../../support/fake-time.js';

class Worker {
  busySince: number | undefined;
  answers = 0;
  readonly told: string[] = [];

  probe(): void {
    this.told.push('probed');
  }

  onUnresponsive(sinceMs: number): void {
    this.told.push(`unresponsive since ${sinceMs}`);
  }

  onResponsive(): void {
    this.told.push('responsive');
  }
}

function watched() {
  const time = new FakeTime();
  const worker = new Worker();
  return { time, worker, watchdog: new Watchdog(worker, 10_000, time) };
}

describe('The watchdog', () => {
  it('leaves an idle worker alone', () => {
    const { time, worker } = watched();
    time.pass(3_600_000);
    expect(worker.told).toEqual([]);
  });

  it('leaves a busy worker alone that brings news', () => {
    const { time, worker } = watched();
    worker.busySince = time.now();
    for (let n = 0; n < 100; n++) {
      time.pass(5_000);
      worker.answers += 1;
    }
    expect(worker.told).toEqual([]);
  });

  it('asks one that has been busy without news, and is content with an answer', () => {
    const { time, worker, watchdog } = watched();
    worker.busySince = time.now();
    time.pass(9_999);
    expect(worker.told).toEqual([]);
    time.pass(1);
    expect(worker.told).toEqual(['probed']);
    time.pass(999);
    watchdog.heard();
    time.pass(9_999);
    expect(worker.told).toEqual(['probed']);
    time.pass(1);
    expect(worker.told).toEqual(['probed', 'probed']);
    expect(watchdog.isUnresponsive).toBe(false);
  });

  it('counts from when the work began, not from when the worker was looked at', () => {
    const { time, worker } = watched();
    time.pass(9_000);
    worker.busySince = time.now();
    time.pass(9_999);
    expect(worker.told).toEqual([]);
    time.pass(1);
    expect(worker.told).toEqual(['probed']);
  });

  it('tells once of one that does not answer, and when it is back', () => {
    const { time, worker, watchdog } = watched();
    worker.busySince = time.now();
    time.pass(11_000);
    expect(worker.told).toEqual(['probed', 'unresponsive since 11000']);
    expect(watchdog.isUnresponsive).toBe(true);
    time.pass(3_600_000);
    expect(worker.told).toHaveLength(2);
    watchdog.heard();
    expect(worker.told.at(-1)).toBe('responsive');
    expect(watchdog.isUnresponsive).toBe(false);
    time.pass(10_000);
    expect(worker.told.at(-1)).toBe('probed');
  });

  it('takes an answer to a call for an answer to its question', () => {
    const { time, worker, watchdog } = watched();
    worker.busySince = time.now();
    time.pass(10_500);
    worker.answers += 1;
    time.pass(500);
    expect(worker.told).toEqual(['probed']);
    expect(watchdog.isUnresponsive).toBe(false);
  });

  it('stops', () => {
    const { time, worker, watchdog } = watched();
    worker.busySince = time.now();
    watchdog.stop();
    time.pass(3_600_000);
    expect(worker.told).toEqual([]);
  });
});

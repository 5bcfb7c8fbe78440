import { describe, expect, it } from '@jest/globals';
import { RestartDelay } from '../../../../src/node/supervisor/pool/restart-delay.js';

/** Without jitter. */
const newDelay = (): RestartDelay => new RestartDelay(() => 0.5);

describe('The delay before a restart', () => {
  it('is none at first, then doubles with each end of a worker that was of no use', () => {
    const delay = newDelay();
    const waits = Array.from({ length: 10 }, () => {
      const { ms } = delay;
      delay.recordEnd(false, delay.round);
      return ms;
    });
    expect(waits).toEqual([0, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000]);
  });

  it('grows once for all that were there when the first of them ended', () => {
    const delay = newDelay();
    const together = delay.round;
    for (let n = 0; n < 64; n++) delay.recordEnd(false, together);
    expect(delay.ms).toBe(50);
    const again = delay.round;
    for (let n = 0; n < 64; n++) delay.recordEnd(false, again);
    expect(delay.ms).toBe(100);
    // A straggler of the first ones says nothing of those that followed.
    delay.recordEnd(false, together);
    expect(delay.ms).toBe(100);
  });

  it('is none again after a worker that had served', () => {
    const delay = newDelay();
    for (let n = 0; n < 5; n++) delay.recordEnd(false, delay.round);
    delay.recordEnd(true, delay.round);
    expect([delay.ms, delay.failures]).toEqual([0, 0]);
    delay.recordEnd(false, delay.round);
    expect(delay.ms).toBe(50);
  });

  it('varies by half, so that many pools do not start as one', () => {
    for (const [random, ms] of [
      [0, 25],
      [0.5, 50],
      [1, 75],
    ] as const) {
      const delay = new RestartDelay(() => random);
      delay.recordEnd(false, delay.round);
      expect(delay.ms).toBe(ms);
    }
  });
});

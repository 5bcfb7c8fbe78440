import { describe, expect, it } from '@jest/globals';
import {
  Elasticity,
  type ElasticityOptions,
} from '../../../../src/node/supervisor/pool/elasticity.js';
import { FakeTime } from '../../support/fake-time.js';

type Options = ElasticityOptions<never>;

function poolOf(live: number, { canFork = false, waiting = 1 } = {}) {
  const time = new FakeTime();
  const pool = { canFork, waiting, grown: 0 };
  const elasticity = new Elasticity<never>({
    size: { min: 1, max: 4, idleTimeoutMs: 1000 } as Options['size'],
    workforce: { liveCount: live, startingCount: 0, live: [] } as unknown as Options['workforce'],
    waitingForRoom: () => pool.waiting,
    canFork: () => pool.canFork,
    onGrown: () => {
      pool.grown += 1;
    },
    onSpare: () => undefined,
    time,
  });
  return { time, pool, elasticity };
}

describe('A pool whose calls wait', () => {
  it.each([
    ['20 ms where workers are spawned', false, 20],
    ['3 ms where they are forked', true, 3],
  ])('has one more worker after %s', (_, canFork, patienceMs) => {
    const { time, pool, elasticity } = poolOf(1, { canFork });
    elasticity.callsWait();
    time.pass(patienceMs - 1);
    expect(pool.grown).toBe(0);
    time.pass(1);
    expect(pool.grown).toBe(1);
    expect(elasticity.target).toBe(2);
  });

  it('has one at once where there is none', () => {
    const { pool, elasticity } = poolOf(0);
    elasticity.callsWait();
    expect(pool.grown).toBe(1);
  });

  it('has none more when the wait is over in time', () => {
    const { time, pool, elasticity } = poolOf(1, { canFork: true });
    elasticity.callsWait();
    pool.waiting = 0;
    time.pass(100);
    expect(pool.grown).toBe(0);
  });
});

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
  const workforce = { liveCount: live, startingCount: 0, live: [], answers: 0 };
  const elasticity = new Elasticity<never>({
    size: { min: 1, max: 4, idleTimeoutMs: 1000 } as Options['size'],
    workforce: workforce as unknown as Options['workforce'],
    waitingForRoom: () => pool.waiting,
    canFork: () => pool.canFork,
    onGrown: () => {
      pool.grown += 1;
    },
    onSpare: () => undefined,
    time,
  });
  return { time, pool, workforce, elasticity };
}

describe('A pool whose calls wait', () => {
  it.each([
    ['20 ms where workers are spawned', false, 20],
    ['2 ms where they are forked', true, 2],
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

  it('forks one after 2 ms, and one for each that still waits after 20 ms', () => {
    const { time, pool, workforce, elasticity } = poolOf(1, { canFork: true, waiting: 8 });
    elasticity.callsWait();
    time.pass(2);
    expect(elasticity.target).toBe(2);
    workforce.liveCount = 2;
    pool.waiting = 7;
    time.pass(17);
    expect(elasticity.target).toBe(2);
    time.pass(1);
    expect(elasticity.target).toBe(4);
  });

  it('forks none for a burst of short calls that is over after 20 ms', () => {
    const { time, pool, workforce, elasticity } = poolOf(1, { canFork: true, waiting: 16 });
    elasticity.callsWait();
    time.pass(1);
    workforce.answers = 2;
    time.pass(18);
    expect(pool.grown).toBe(0);
    pool.waiting = 0;
    time.pass(1);
    expect(pool.grown).toBe(0);
    expect(elasticity.target).toBe(1);
  });

  it('has none more when the wait is over in time', () => {
    const { time, pool, elasticity } = poolOf(1, { canFork: true });
    elasticity.callsWait();
    pool.waiting = 0;
    time.pass(100);
    expect(pool.grown).toBe(0);
  });
});

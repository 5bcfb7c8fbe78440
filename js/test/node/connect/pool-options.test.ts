/** What `connect()` can be told about its workers, and what it makes of it. */
import { describe, expect, it } from '@jest/globals';
import { type PoolOptionsOfClient, poolPolicyOf } from '../../../src/node/connect/pool-options.js';

const NEVER = Number.POSITIVE_INFINITY;

describe('The policy of a pool', () => {
  it('has a default for everything', () => {
    expect(poolPolicyOf({ zygote: true })).toEqual({
      size: { min: 1, max: 1, idleTimeoutMs: 30_000 },
      concurrency: NEVER,
      methods: new Map(),
      restarts: { max: 20, withinMs: 10_000, coolDownMs: 1_000 },
      recycle: { calls: NEVER, memoryBytes: NEVER, ageMs: NEVER, jitter: 0.1 },
      limits: {},
      watchdog: { afterMs: 10_000, action: 'report' },
      zygote: true,
    });
  });

  it.each<[PoolOptionsOfClient['workers'], object]>([
    [4, { min: 4, max: 4 }],
    [{ min: 2 }, { min: 2, max: 2 }],
    [{ max: 6 }, { min: 1, max: 6 }],
    [{ min: 0 }, { min: 0, max: 1 }],
    [
      { min: 0, max: 8, idleTimeoutMs: 5 },
      { min: 0, max: 8, idleTimeoutMs: 5 },
    ],
  ])('reads the number of workers: %j', (workers, size) => {
    expect(poolPolicyOf({ workers }).size).toMatchObject(size);
  });

  it('allows more ends before the circuit opens where there are more workers', () => {
    expect(poolPolicyOf({ workers: { max: 4 } }).restarts.max).toBe(50);
  });

  it('keeps the limits of methods apart from the defaults of their calls', () => {
    const methods = { embed: { concurrency: 2, timeoutMs: 5 }, ping: { priority: 1 } };
    expect(poolPolicyOf({ methods }).methods).toEqual(new Map([['embed', { concurrency: 2 }]]));
  });

  it('has defaults for what is undefined', () => {
    const nothing = { workers: undefined, methods: undefined, restarts: undefined };
    const more = { recycle: undefined, limits: undefined, watchdog: undefined, zygote: undefined };
    expect(poolPolicyOf({ ...nothing, ...more })).toEqual(poolPolicyOf({}));
  });

  it('has no watchdog where it is turned off', () => {
    expect(poolPolicyOf({ watchdog: false }).watchdog).toBeUndefined();
  });

  it.each<[unknown, RegExp]>([
    [{ workers: 0 }, /^workers must be an integer from 1 to 1024, not 0\.$/],
    [{ workers: '2' }, /^workers must be an integer from 1/],
    [{ workers: { min: -1 } }, /^workers\.min must be an integer from 0/],
    [{ workers: { min: 3, max: 2 } }, /workers\.max must be at least workers\.min: 2 is below 3/],
    [{ workers: { most: 2 } }, /workers has no option "most"; it has idleTimeoutMs, max, min/],
    [{ workers: [2] }, /workers must be an object with min, max, idleTimeoutMs, not an array/],
    [{ concurrency: 0 }, /concurrency must be an integer of at least 1, not 0/],
    [{ restarts: { max: -1 } }, /restarts\.max must be a number of at least 0, not -1/],
    [{ restarts: 5 }, /restarts must be an object with max, withinMs, coolDownMs, not 5/],
    [{ recycle: { calls: 0 } }, /recycle\.calls must be a number above 0, not 0/],
    [{ recycle: { jitter: 2 } }, /recycle\.jitter must be a number from 0 to 1, not 2/],
    [{ limits: { memory: 1 } }, /limits has no option "memory"; it has addressSpaceBytes,/],
    [{ limits: { openFiles: 1.5 } }, /limits\.openFiles must be an integer of at least 1/],
    [{ watchdog: { action: 'kill' } }, /watchdog\.action must be one of report, replace, not kill/],
    [{ watchdog: true }, /watchdog must be an object with afterMs, action, not true/],
    [{ zygote: 1 }, /zygote must be true or false, not 1/],
    // What is not said is `undefined`; nothing reads `null` as that.
    [{ workers: null }, /^workers must be an integer from 1 to 1024, not null\.$/],
    [{ workers: { min: null } }, /^workers\.min must be an integer from 0 to 1024, not null\.$/],
    [{ workers: { max: null } }, /^workers\.max must be an integer from 1 to 1024, not null\.$/],
    [{ methods: null }, /^methods must be an object, as in/],
    [{ methods: { embed: null } }, /^methods\.embed must be an object with .*, not null\.$/],
    [{ restarts: null }, /^restarts must be an object with .*, not null\.$/],
    [{ recycle: null }, /^recycle must be an object with .*, not null\.$/],
    [{ limits: null }, /^limits must be an object with .*, not null\.$/],
    [
      { limits: { openFiles: null } },
      /^limits\.openFiles must be an integer of at least 1, not null/,
    ],
    [{ watchdog: null }, /^watchdog must be an object with .*, not null\.$/],
    [{ zygote: null }, /^zygote must be true or false, not null\.$/],
  ])('is refused where it makes no sense: %j', (options, message) => {
    expect(() => poolPolicyOf(options as PoolOptionsOfClient)).toThrow(message);
  });
});

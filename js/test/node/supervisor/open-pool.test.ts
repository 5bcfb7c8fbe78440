import { describe, expect, it } from '@jest/globals';
import { startClient } from '../../../src/node/connect/connect-pool.js';
import { poolPolicyOf } from '../../../src/node/connect/pool-options.js';
import { nativeDialect } from '../../../src/node/supervisor/connection/native-dialect.js';
import { openPool } from '../../../src/node/supervisor/open-pool.js';
import type { PoolOptions } from '../../../src/node/supervisor/pool/pool.js';
import type { PoolPolicy } from '../../../src/node/supervisor/pool-policy.js';
import { specOf } from '../support/launch.js';
import { spawned } from '../support/spawned.js';
import { errorOf, eventually, isAlive } from '../support/waiting.js';

const SPEC = specOf('native');

function optionsOf(policy: Partial<PoolPolicy>): PoolOptions<never> {
  return {
    worker: {
      ...{ name: 'native', channel: 'auto' },
      ...{ dialect: nativeDialect as never, startTimeoutMs: 60_000, graceMs: 500 },
      onLog: () => {},
    },
    policy: { ...poolPolicyOf({}), ...policy },
    ...{ maxQueue: 1, eager: true },
  };
}

const noMethods = (): never => {
  throw new RangeError('no methods can be told');
};

describe.each([
  ['spawned', false],
  ['forked', true],
])('A pool whose workers are %s', (_, zygote) => {
  it('asks for its first process at once, and starts its first worker with that', async () => {
    const options = optionsOf({ zygote });
    const rehearsed: unknown[] = [];
    const pool = openPool(SPEC, options, (...call) => rehearsed.push(call, spawned().length));
    expect(spawned()).toHaveLength(1);
    // There is time for it only when the process is on its way.
    expect(rehearsed).toEqual([['native', options.policy], 1]);
    await pool.start();
    expect(spawned()).toHaveLength(1);
    const [worker] = pool.workers;
    const first = zygote ? pool.zygote.pid : worker?.pid;
    expect(spawned().map(({ pid }) => pid)).toEqual([first]);
    await pool.terminate();
  });

  it('asks for none where there need be no worker', async () => {
    const size = { min: 0, max: 1, idleTimeoutMs: 1000 };
    const rehearsed: string[] = [];
    const pool = openPool(SPEC, optionsOf({ zygote, size }), (dialect) => rehearsed.push(dialect));
    await pool.start();
    expect(spawned()).toEqual([]);
    expect(rehearsed).toEqual([]);
    await pool.terminate();
  });

  it('leaves no process when it is ended before it was started', async () => {
    const pool = openPool(SPEC, optionsOf({ zygote }));
    await pool.terminate();
    expect(spawned().map(({ pid }) => isAlive(pid ?? 0))).toEqual([false]);
  });

  it('leaves no process when it cannot be made', async () => {
    const methods = Object.assign(new Map(), { [Symbol.iterator]: noMethods });
    expect(() => openPool(SPEC, optionsOf({ zygote, methods }))).toThrow('no methods can be told');
    const [child] = spawned();
    await eventually('its process has gone', () => !isAlive(child?.pid ?? 0));
  });
});

it('A client that is not wanted any more when it would start asks for no process', async () => {
  const signal = AbortSignal.abort();
  const connecting = startClient(SPEC, { name: 'native' }, { signal });
  expect((await errorOf(connecting)).code).toBe('CALL_CANCELLED');
  expect(spawned()).toEqual([]);
});

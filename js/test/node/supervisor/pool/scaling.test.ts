/** How many workers there are: real ones, between two numbers. */
import { describe, expect, it } from '@jest/globals';
import type { PoolClient } from '../../../../src/node/connect/pool-client.js';
import { Scaling } from '../../../../src/node/supervisor/pool/scaling.js';
import { nativeClient } from '../../support/launch.js';
import { errorOf, eventually, isAlive } from '../../support/waiting.js';

const ready = (client: PoolClient): number =>
  client.workers.filter(({ state }) => state === 'ready' || state === 'busy').length;

/** Calls that go on until they are stopped. */
function occupy(client: PoolClient, calls: number): () => Promise<unknown> {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const naps = Array.from({ length: calls }, () => errorOf(client.call('nap', [60], {}, options)));
  return () => {
    stop.abort();
    return Promise.all(naps);
  };
}

describe('A size between bounds', () => {
  it('grows by one worker for each call that waits and for which none is starting', () => {
    const scaling = new Scaling({ min: 1, max: 8, idleTimeoutMs: 0 });
    scaling.grow(3, 2, 1);
    expect(scaling.target).toBe(4);
    scaling.grow(2, 4, 2);
    expect(scaling.target).toBe(4);
    scaling.grow(100, 4, 0);
    expect(scaling.target).toBe(8);
    expect(scaling.isAtMost).toBe(true);
  });

  it('shrinks no further than its least', () => {
    const scaling = new Scaling({ min: 2, max: 4, idleTimeoutMs: 0 });
    scaling.grow(9, 2, 0);
    scaling.shrink(3);
    expect(scaling.target).toBe(3);
    scaling.shrink(0);
    expect(scaling.target).toBe(2);
  });
});

describe('A pool of { min, max }', () => {
  it('starts more workers while calls wait, and sends them home when they are idle', async () => {
    const client = await nativeClient({ workers: { min: 1, max: 3, idleTimeoutMs: 60 } });
    expect(client.workers).toHaveLength(1);
    const finish = occupy(client, 5);
    await eventually('there are three', () => ready(client) === 3);
    expect(client.queued).toBe(2);
    const pids = client.workers.map(({ pid }) => pid as number);
    await finish();
    await eventually('one is left', () => client.workers.length === 1);
    const left = client.workers.map(({ pid }) => pid as number);
    const ended = (): boolean => pids.every((pid) => left.includes(pid) || !isAlive(pid));
    await eventually('the others have ended', ended);
    expect(await client.call('echo', ['still there'])).toBe('still there');
  });

  it('has one worker for calls that one can take', async () => {
    const client = await nativeClient({ workers: { min: 1, max: 3 } });
    for (let n = 0; n < 50; n++) await client.call('echo', [n]);
    expect(client.workers).toHaveLength(1);
  });

  it('of at least 0 starts none before the first call, and ends them all when there is nothing to do', async () => {
    const client = await nativeClient({ workers: { min: 0, max: 2, idleTimeoutMs: 60 } });
    expect(client.workers).toEqual([]);
    expect(await client.call('echo', [1])).toBe(1);
    await eventually('nobody is left', () => client.workers.length === 0);
    expect(await client.call('echo', [2])).toBe(2);
  });

  it('replaces a worker that died up to its least, and others when calls wait', async () => {
    const client = await nativeClient({ workers: { min: 1, max: 3, idleTimeoutMs: 60_000 } });
    const finish = occupy(client, 3);
    await eventually('there are three', () => ready(client) === 3);
    await finish();
    await errorOf(client.call('die'));
    expect(client.workers.filter(({ state }) => state !== 'exited')).toHaveLength(2);
    const again = occupy(client, 3);
    await eventually('there are three again', () => ready(client) === 3);
    await again();
  });

  it('is reloaded at the size it has', async () => {
    const client = await nativeClient({ workers: { min: 1, max: 2, idleTimeoutMs: 60_000 } });
    const finish = occupy(client, 2);
    await eventually('there are two', () => ready(client) === 2);
    const before = client.workers.map(({ pid }) => pid);
    await finish();
    await client.reload();
    await eventually('the old ones have gone', () => client.workers.length === 2);
    expect(client.workers.some(({ pid }) => before.includes(pid))).toBe(false);
  });

  it('closes with the workers it has grown', async () => {
    const client = await nativeClient({ workers: { min: 1, max: 3 }, closeTimeoutMs: 100 });
    const finish = occupy(client, 3);
    await eventually('there are three', () => ready(client) === 3);
    const pids = client.workers.map(({ pid }) => pid as number);
    await client.close();
    await finish();
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { PoolClient } from '../../../../src/node/connect/pool-client.js';
import { CallLimits } from '../../../../src/node/supervisor/call/call-limits.js';
import { nativeClient } from '../../support/launch.js';
import { errorOf, eventually } from '../../support/waiting.js';

const NEVER = Number.POSITIVE_INFINITY;

describe('Limits', () => {
  const limitsOf = (concurrency: number, methods: Record<string, number> = {}) => {
    const told = { times: 0 };
    const limits = new CallLimits({
      concurrency,
      methods: new Map(Object.entries(methods).map(([name, max]) => [name, { concurrency: max }])),
      onRoom: () => {
        told.times += 1;
      },
    });
    return { limits, told };
  };

  it('are none where nothing is limited', () => {
    const { limits } = limitsOf(NEVER);
    expect([limits.areSet, limits.of('any'), limits.free]).toEqual([false, undefined, NEVER]);
  });

  it('of a method count for the module too', () => {
    const { limits } = limitsOf(3, { embed: 2 });
    limits.of('embed')?.take();
    limits.of('other')?.take();
    expect([limits.free, limits.ownOf('embed')?.free]).toEqual([1, 1]);
    limits.of('other')?.take();
    expect(limits.ownOf('embed')?.free).toBe(0);
  });

  it('tell once, and soon, that there is room where there was none', async () => {
    const { limits, told } = limitsOf(1, { embed: 1 });
    limits.of('embed')?.take();
    limits.of('embed')?.release();
    expect(told.times).toBe(0);
    await Promise.resolve();
    expect(told.times).toBe(1);
  });

  it('are those that the module declares, where the client was told nothing', () => {
    const { limits } = limitsOf(NEVER, { mine: 4 });
    limits.learn(
      new Map([
        ['mine', { concurrency: 1 }],
        ['its', { concurrency: 2 }],
      ]),
    );
    expect([limits.of('mine')?.max, limits.of('its')?.max]).toEqual([4, 2]);
    limits.learn(new Map([['its', {}]]));
    expect(limits.of('its')?.max).toBe(NEVER);
  });
});

const inFlight = (client: PoolClient): number =>
  client.workers.reduce((sum, worker) => sum + worker.inFlight, 0);

/** Calls that go on until they are stopped. */
function occupy(client: PoolClient, name: string, calls: number): () => Promise<unknown> {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const naps = Array.from({ length: calls }, () => errorOf(client.call(name, [60], {}, options)));
  return () => {
    stop.abort();
    return Promise.all(naps);
  };
}

describe('A pool with limits', () => {
  it('runs no more calls of a method at a time, whatever waits, and others beside them', async () => {
    const methods = { nap: { concurrency: 2 } };
    const client = await nativeClient({ workers: 3, methods });
    const finish = occupy(client, 'nap', 5);
    expect([inFlight(client), client.queued]).toEqual([2, 3]);
    expect(await client.call('echo', ['past them'])).toBe('past them');
    expect(inFlight(client)).toBe(2);
    await finish();
    expect(await Promise.all([1, 2, 3].map(() => client.call('nap', [0])))).toHaveLength(3);
    await eventually('all have ended', () => inFlight(client) === 0);
    expect(client.queued).toBe(0);
  });

  it('runs no more calls at all than it may, streams included', async () => {
    const client = await nativeClient({ workers: 2, concurrency: 2 });
    const stream = client.stream<number>('slow_items');
    const items = stream[Symbol.asyncIterator]();
    await items.next();
    const finish = occupy(client, 'async_nap', 3);
    expect([inFlight(client), client.queued]).toEqual([2, 2]);
    await items.return?.();
    await eventually('another goes', () => client.queued === 1);
    expect(inFlight(client)).toBe(2);
    await finish();
  });

  it('obeys what the module declares', async () => {
    const client = await nativeClient();
    const finish = occupy(client, 'alone', 3);
    expect([inFlight(client), client.queued]).toEqual([1, 2]);
    await finish();
    const freed = await nativeClient({ methods: { alone: { concurrency: 3 } } });
    const finishAll = occupy(freed, 'alone', 3);
    expect(inFlight(freed)).toBe(3);
    await finishAll();
  });

  it('holds a place until Python has ended the call, and gives those of a dead worker back', async () => {
    const methods = {
      nap: { concurrency: 1 },
      die: { concurrency: 1 },
      burn_in_c: { concurrency: 1 },
    };
    const client = await nativeClient({ workers: 2, methods, graceMs: 100 });
    for (let n = 0; n < 3; n++) {
      expect((await errorOf(client.call('die'))).code).toBe('WORKER_EXITED');
    }
    const given = errorOf(client.call('burn_in_c', [], {}, { timeoutMs: 400 }));
    const next = errorOf(client.call('burn_in_c', [], {}, { timeoutMs: 400 }));
    expect((await given).code).toBe('CALL_TIMEOUT');
    expect(client.queued).toBe(1);
    expect((await next).code).toBe('CALL_TIMEOUT');
    expect(await client.call('echo', [1])).toBe(1);
  });

  it('starts no workers for calls that a limit holds up', async () => {
    const methods = { nap: { concurrency: 1 } };
    const client = await nativeClient({ workers: { min: 1, max: 3 }, methods });
    const finish = occupy(client, 'nap', 4);
    const other = client.call('echo', ['other']);
    await eventually('another worker takes the other call', () => client.workers.length === 2);
    expect(await other).toBe('other');
    expect(client.workers).toHaveLength(2);
    await finish();
  });
});

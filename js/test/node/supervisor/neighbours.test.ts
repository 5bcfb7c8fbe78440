/** What giving one call up may and may not do to the others in its worker. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { nativeClient } from '../support/launch.js';
import { errorOf, eventually, isAlive } from '../support/waiting.js';

const elapsed = (since: number): number => performance.now() - since;

describe('A sync call at work', () => {
  it('outlives the stream that is left beside it, which is closed when it is over', async () => {
    const client = await nativeClient({ graceMs: 100 });
    const pid = await client.call('pid');
    const stream = client.stream('count', [1_000_000]);
    await stream.next();
    let call: Promise<unknown> = Promise.resolve();
    await new Promise((onProgress) => {
      call = client.call('announced_nap', [2], {}, { onProgress });
    });
    const first = call.then(() => 'the call');
    // Its generator cannot be closed before: who leaves waits for the grace, not for the call.
    expect(await Promise.race([first, stream.return().then(() => 'the stream')])).toBe(
      'the stream',
    );
    expect(await call).toBe('rested');
    expect(await client.call('noted')).toContain('closed');
    expect(await client.call('pid')).toBe(pid);
  });

  it('outlives the async call that is given up beside it', async () => {
    const client = await nativeClient({ graceMs: 100 });
    const pid = await client.call('pid');
    const late = errorOf(client.call('async_nap', [60], {}, { timeoutMs: 50 }));
    const call = client.call('crunch', [0.8]);
    expect((await late).name).toBe('CallTimeoutError');
    expect(await call).toBe('crunched');
    expect(await client.call('pid')).toBe(pid);
  });

  it('that is given up itself costs the worker, whatever waits for it', async () => {
    const client = await nativeClient({ graceMs: 100 });
    const pid = await client.call<number>('pid');
    const stream = client.stream('count', [1_000_000]);
    await stream.next();
    const stuck = errorOf(client.call('burn_in_c', [], {}, { timeoutMs: 300 }));
    await stream.return();
    expect((await stuck).name).toBe('CallTimeoutError');
    expect(await client.call('pid')).not.toBe(pid);
    await eventually('the old worker has gone', () => !isAlive(pid));
  });
});

describe('A stream that does not close', () => {
  it('costs its worker even while async calls run there', async () => {
    const client = await nativeClient({ graceMs: 100 });
    const pid = await client.call<number>('pid');
    const neighbour = errorOf(client.call('async_nap', [60]));
    const stream = client.stream('never_closes');
    await stream.next();
    await stream.return();
    expect((await neighbour).code).toBe('WORKER_EXITED');
    expect(await client.call('pid')).not.toBe(pid);
  });
});

describe('A stream that Python has not begun', () => {
  it('is left at once', async () => {
    const client = await nativeClient({ graceMs: 2_000 });
    const call = client.call('nap', [1]);
    const first = call.then(() => 'the call');
    const stream = client.stream('count', [10]);
    const read = stream.next();
    expect(await Promise.race([first, stream.return().then(() => 'the stream')])).toBe(
      'the stream',
    );
    expect(await read).toEqual({ done: true, value: undefined });
    expect(await call).toBe('rested');
    expect(await client.call('how_many')).toBe(0);
  });
});

describe('A worker that was told to end from outside', () => {
  it('gives back the calls it does not begin; none is lost', async () => {
    const client = await nativeClient({ workers: 2 });
    const slow = client.workers.map(() => client.call('async_nap', [0.4]));
    // Answered behind one of them, which keeps its worker from ending at once.
    const ending = await client.call('told_to_end');
    for (let round = 0; round < 10; round++) {
      const calls = [1, 2].map((n) => client.call('echo', [n]));
      expect(await Promise.all(calls)).toEqual([1, 2]);
    }
    expect(await Promise.all(slow)).toEqual(['rested', 'rested']);
    await eventually('it was replaced', () => {
      const pids = client.workers.map(({ pid }) => pid);
      return pids.length === 2 && !pids.includes(ending as number);
    });
  });
});

describe('A limit', () => {
  it.each([Number.POSITIVE_INFINITY, 2 ** 31])('of %d ms is not over at once', async (limit) => {
    const client = await nativeClient({
      ...{ timeoutMs: limit, startTimeoutMs: limit, closeTimeoutMs: limit, graceMs: limit },
    });
    const pid = await client.call('pid');
    expect(await client.call('nap', [0.05], {}, { timeoutMs: limit })).toBe('rested');
    expect((await errorOf(client.call('nap', [60], {}, { timeoutMs: 20 }))).code).toBe(
      'CALL_TIMEOUT',
    );
    expect(await client.call('pid')).toBe(pid);
    const last = client.call('nap', [0.05]);
    await client.close();
    expect(await last).toBe('rested');
  });
});

describe('The options of a call', () => {
  it('are checked before it is made, and a wrong one leaves nothing behind', async () => {
    const client = await nativeClient({ closeTimeoutMs: 60_000 });
    const wrong = client as unknown as { call(...args: unknown[]): Promise<unknown> };
    for (const options of [null, { signal: {} }, { onProgress: 1 }, { timeoutMs: '1' }]) {
      expect((await errorOf(wrong.call('pid', [], {}, options))).code).toBe('INVALID_CONFIG');
    }
    const start = performance.now();
    await client.close();
    expect(elapsed(start)).toBeLessThan(10_000);
  });

  it('may hold one signal for many calls, which is listened to once', async () => {
    const client = await nativeClient();
    const controller = new AbortController();
    const { signal } = controller;
    const given = Array.from({ length: 30 }, () =>
      errorOf(client.call('async_nap', [60], {}, { signal })),
    );
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort();
    for (const error of await Promise.all(given)) expect(error.code).toBe('CALL_CANCELLED');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

// AbortSignal and timeoutMs: before a call, in the queue, while it runs; sync and async; and races by the thousand.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually, timed, within } from '../support/waiting.js';

interface Tally {
  started: number;
  finished: number;
  interrupted: number;
}

let client: Client;
let pid: number;
beforeEach(async () => {
  client = await connect(sharedModule('native'));
  pid = await client.call<number>('pid');
});
afterEach(() => client.terminate());
const tally = (): Promise<Tally> => client.call<Tally>('counts');

describe('A signal', () => {
  it('aborted before the call sends nothing', async () => {
    const failure = await errorOf(
      client.call('nap', [60], {}, { signal: AbortSignal.abort(new Error('too late')) }),
    );
    expect(failure.name).toBe('AbortError');
    expect((failure.cause as Error).message).toBe('too late');
    expect((await tally()).started).toBe(0);
  });

  it.each(['nap', 'async_nap'])('stops a running call inside Python: %s', async (method) => {
    const stop = new AbortController();
    const call = errorOf(client.call(method, [60], {}, { signal: stop.signal }));
    if (method === 'async_nap') await eventually('it runs', async () => (await tally()).started);
    const { value, ms } = await timed(() => {
      stop.abort();
      return within(5000, 'the call rejects', call);
    });
    expect(value).toMatchObject({ name: 'AbortError', code: 'CALL_CANCELLED' });
    expect(ms).toBeLessThan(5000);
    const after = await within(5000, 'the worker is free', tally());
    expect(after.finished).toBe(0);
    expect(after.interrupted).toBe(after.started);
    expect(await client.call('pid')).toBe(pid);
  });

  it('takes a queued call out of the queue: its function never runs', async () => {
    const stop = new AbortController();
    const running = client.call('nap', [0.4]);
    const queued = Array.from({ length: 10 }, () =>
      errorOf(client.call('nap', [0], {}, { signal: stop.signal })),
    );
    stop.abort();
    for (const failure of await Promise.all(queued)) expect(failure.name).toBe('AbortError');
    expect(await running).toBe('rested');
    expect(await tally()).toEqual({ started: 1, finished: 1, interrupted: 0 });
  });

  it('aborted after the end changes nothing', async () => {
    const stop = new AbortController();
    expect(await client.call('quick', [], {}, { signal: stop.signal })).toBe('quick');
    stop.abort();
    expect(await client.call('pid')).toBe(pid);
  });

  it('keeps no listener when the call is over', async () => {
    const stop = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = stop.signal;
    stop.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(stop.signal, args);
    };
    stop.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(stop.signal, args);
    };
    for (let n = 0; n < 50; n += 1) await client.call('quick', [], {}, { signal: stop.signal });
    expect(listeners).toBe(0);
  });

  it('of AbortSignal.timeout() works', async () => {
    const failure = await errorOf(
      client.call('nap', [60], {}, { signal: AbortSignal.timeout(100) }),
    );
    expect(failure.name).toBe('AbortError');
    expect((failure.cause as Error).name).toBe('TimeoutError');
  });
});

describe('timeoutMs', () => {
  it.each(['nap', 'async_nap'])(
    'rejects with a CallTimeoutError that names it, and stops Python: %s',
    async (method) => {
      await client.call(method, [0]); // the first of its kind has things to import
      const { value, ms } = await timed(() =>
        errorOf(client.call(method, [60], {}, { timeoutMs: 120 })),
      );
      expect(value).toMatchObject({ name: 'CallTimeoutError', code: 'CALL_TIMEOUT' });
      expect(value.message).toMatch(/120 ?ms/);
      expect(value.message).toContain(method);
      expect(ms).toBeGreaterThan(115);
      expect(ms).toBeLessThan(5000);
      await eventually('Python has stopped', async () => (await tally()).interrupted === 1);
      expect(await client.call('pid')).toBe(pid);
    },
  );

  it('does not fire when the call is in time', async () => {
    expect(await client.call('nap', [0.05], {}, { timeoutMs: 2000 })).toBe('rested');
  });

  it('refuses a number that makes no sense', async () => {
    for (const timeoutMs of [-1, Number.NaN, '5' as unknown as number]) {
      const call = (async () => client.call('quick', [], {}, { timeoutMs }))();
      expect((await errorOf(call)).message).toContain('timeoutMs');
    }
  });
});

describe('Cancels that race the end of a call, thousands of times', () => {
  it.each(['quick', 'async_quick'])('never leak into the next call: %s', async (method) => {
    let cancelled = 0;
    for (let round = 0; round < 60; round += 1) {
      const batch = Array.from({ length: 50 }, (_, n) => {
        const stop = new AbortController();
        const call = client.call(method, [], {}, { signal: stop.signal });
        if (n % 3 === 0) queueMicrotask(() => stop.abort());
        else if (n % 3 === 1) setImmediate(() => stop.abort());
        else void client.call('pid').then(() => stop.abort());
        return call.then(
          (value) => value === 'quick',
          (failure: Error) => {
            cancelled += 1;
            return failure.name === 'AbortError';
          },
        );
      });
      expect((await Promise.all(batch)).every(Boolean)).toBe(true);
      expect(await client.call('echo', [round])).toBe(round);
    }
    expect(cancelled).toBeGreaterThan(0);
    expect(await client.call('pid')).toBe(pid);
  });

  it('two for one call, signal and timeout, settle it once', async () => {
    const failures: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      const stop = new AbortController();
      const call = errorOf(client.call('nap', [60], {}, { signal: stop.signal, timeoutMs: 4 }));
      setTimeout(() => stop.abort(), 4);
      failures.push((await call).name);
    }
    expect(new Set([...failures, 'AbortError', 'CallTimeoutError'])).toEqual(
      new Set(['AbortError', 'CallTimeoutError']),
    );
    expect(await client.call('echo', ['whole'])).toBe('whole');
    expect(await client.call('pid')).toBe(pid);
  });
});

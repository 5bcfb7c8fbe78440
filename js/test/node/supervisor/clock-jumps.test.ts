// The wall clock jumps to and fro, by hours, as when a machine wakes up or its time is set: nothing that waits cares.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { nativeClient } from '../support/launch.js';
import { errorOf, eventually, isAlive } from '../support/waiting.js';

const HOUR_MS = 3_600_000;
const now = Date.now;
let reads = 0;

beforeEach(() => {
  // Never twice the same hour: forwards, backwards, further forwards…
  jest.spyOn(Date, 'now').mockImplementation(() => {
    reads += 1;
    return now() + (reads % 2 === 0 ? -reads : reads) * HOUR_MS;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('While the wall clock jumps', () => {
  it('calls with every clock are answered, and those that run out of time run out of theirs', async () => {
    const client = await nativeClient({ workers: 2, graceMs: 200 });
    const clocks = { timeoutMs: 20_000, queueTimeoutMs: 20_000, totalTimeoutMs: 20_000 };
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, n) => client.call('echo', [n], {}, clocks)),
    );
    expect(results).toEqual(Array.from({ length: 200 }, (_, n) => n));
    const start = performance.now();
    const late = await errorOf(client.call('nap', [30], {}, { timeoutMs: 150 }));
    expect(late).toMatchObject({ code: 'CALL_TIMEOUT', clock: 'run' });
    expect(performance.now() - start).toBeGreaterThan(100);
    expect(late.phases.runMs).toBeLessThan(20_000);
  });

  it('workers that die are replaced at once, with their children, and no circuit opens', async () => {
    const client = await nativeClient({ workers: 1 });
    for (let n = 0; n < 5; n += 1) {
      const child = await client.call<number>('child');
      expect((await errorOf(client.call('die'))).code).toBe('WORKER_EXITED');
      expect(await client.call('echo', [n], {}, { timeoutMs: 20_000 })).toBe(n);
      await eventually('the child has gone', () => !isAlive(child));
    }
    expect(client.stats().circuit).toBe('closed');
  });

  it('no worker is too old or idle too long before its time', async () => {
    const client = await nativeClient({
      workers: { min: 1, max: 2, idleTimeoutMs: 20_000 },
      recycle: { ageMs: 20_000 },
    });
    const pid = await client.call('pid');
    for (let n = 0; n < 20; n += 1) await client.call('nap', [0.005]);
    expect(await client.call('pid')).toBe(pid);
  });

  it('closing takes no longer', async () => {
    const client = await nativeClient({ workers: 2 });
    const call = client.call('nap', [0.1]);
    const start = performance.now();
    await client.close();
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(typeof (await call)).toBe('string');
  });
});

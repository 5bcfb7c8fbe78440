// The four clocks of a call: which ran out, where the time went, and what Python was at.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallTimeoutError, Client } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf } from '../support/waiting.js';

const native = (): string => sharedModule('native');
const supervised = { entrypoint: 'supervised' };
let client: Client;
let pid: number;
beforeEach(async () => {
  client = await connect(native(), supervised);
  pid = await client.call<number>('pid');
});
afterEach(() => client.terminate());

const timeoutOf = async (call: Promise<unknown>): Promise<CallTimeoutError> => {
  const error = await errorOf(call);
  expect(error).toMatchObject({ name: 'CallTimeoutError', code: 'CALL_TIMEOUT' });
  return error as CallTimeoutError;
};

describe('A call that runs too long', () => {
  it.each([
    ['sleep', [60]],
    ['compute', [60]],
    ['hold_interpreter', [60]],
  ])('tells where Python was: in %s', async (method, args) => {
    const error = await timeoutOf(client.call(method, args, {}, { timeoutMs: 400 }));
    expect(error).toMatchObject({ clock: 'run', timeoutMs: 400, queued: 0 });
    expect(error.phases.runMs).toBeGreaterThanOrEqual(399);
    expect(error.phases.totalMs).toBeGreaterThanOrEqual(error.phases.runMs);
    expect(error.workers).toMatchObject([{ pid, state: 'busy', inFlight: 1 }]);
    expect(error.pythonStack).toMatch(new RegExp(`supervised\\.py", line \\d+ in ${method}`));
    expect(error.message).toContain(`in ${method}`);
  });

  it('on the event loop tells where its coroutine was, and of the threads', async () => {
    await client.call('wait', [0]); // the first of its kind has things to import
    const error = await timeoutOf(client.call('wait', [60], {}, { timeoutMs: 200 }));
    expect(error.clock).toBe('run');
    expect(error.pythonStack).toMatch(/supervised\.py", line \d+ in wait/);
    expect(error.pythonStack).toContain('run_forever');
    expect(error.message).toContain('in wait');
    expect(await client.call('pid')).toBe(pid);
  });

  it('tells so where the default of its method says it', async () => {
    const options = { methods: { sleep: { timeoutMs: 100 } } };
    const strict = await connect(native(), { ...supervised, ...options });
    expect((await timeoutOf(strict.call('sleep', [60]))).timeoutMs).toBe(100);
    expect(await strict.call('sleep', [0.3], {}, { timeoutMs: 0 })).toBe('slept');
    await strict.terminate();
  });
});

describe('A call that waits too long for a worker', () => {
  it('rejects, and never runs', async () => {
    const busy = client.call('sleep', [1]);
    const error = await timeoutOf(client.call('sleep', [0], {}, { queueTimeoutMs: 100 }));
    expect(error).toMatchObject({ clock: 'queue', timeoutMs: 100, phases: { runMs: 0 } });
    expect(error.pythonStack).toBeUndefined();
    expect(error.message).toContain('queueTimeoutMs');
    expect(await busy).toBe('slept');
    expect(client.workers).toMatchObject([{ pid, served: 2 }]);
  });

  it('has not, if it began in time and nothing of that was read here', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clocks-'));
    const marks = join(folder, 'marks');
    const begun = (): number =>
      existsSync(marks) ? readFileSync(marks, 'utf8').split('\n').length - 1 : 0;
    const leave = (seconds: number, queueTimeoutMs: number): Promise<string> =>
      client.call('leave_mark', [marks, seconds], {}, { queueTimeoutMs });
    let answers: Promise<string>[] = [];
    // Until some are sent ahead of their turn: on a busy machine nothing is quick for a while.
    while ((client.workers[0]?.inFlight ?? 0) < 3) {
      await Promise.all(answers);
      await Promise.all(Array.from({ length: 80 }, () => leave(0, 0)));
      rmSync(marks, { force: true });
      answers = [leave(0.1, 0), leave(0, 1000), leave(0, 1000)];
    }
    const end = performance.now() + 1100;
    await new Promise(setImmediate); // they are on their way
    while (begun() < 3 || performance.now() < end) {
      if (performance.now() > end + 30_000) throw new Error('They never began.');
    }
    expect(await Promise.all(answers)).toEqual(['left', 'left', 'left']);
    rmSync(folder, { recursive: true });
  });

  it('is not bothered by that clock once it runs', async () => {
    const options = { queueTimeoutMs: 100 };
    expect(await client.call('sleep', [0.4], {}, options)).toBe('slept');
  });
});

describe('A call that takes too long all in all', () => {
  it('is stopped at work, with its wait counted', async () => {
    const busy = client.call('sleep', [0.3]);
    const error = await timeoutOf(client.call('sleep', [60], {}, { totalTimeoutMs: 1500 }));
    expect(error).toMatchObject({ clock: 'total', timeoutMs: 1500 });
    expect(error.phases.queueMs).toBeGreaterThan(100);
    expect(error.phases.runMs).toBeGreaterThan(0);
    expect(error.phases.runMs).toBeLessThan(1450);
    expect(await busy).toBe('slept');
    expect(await client.call('pid')).toBe(pid);
  });

  it('is stopped in the queue as well', async () => {
    const busy = client.call('sleep', [0.6]);
    const error = await timeoutOf(client.call('sleep', [60], {}, { totalTimeoutMs: 100 }));
    expect(error).toMatchObject({ clock: 'total', phases: { runMs: 0 } });
    expect(await busy).toBe('slept');
  });

  it('may be a stream, however quick its items are', async () => {
    await client.stream('items', [1, 0]).next(); // the first of its kind has things to import
    const read: number[] = [];
    const items = client.stream<number>('items', [10_000, 0.01], {}, { totalTimeoutMs: 500 });
    const reading = (async () => {
      for await (const item of items) read.push(item);
    })();
    expect((await timeoutOf(reading)).clock).toBe('total');
    expect(read.length).toBeGreaterThan(0);
    expect(read).toEqual(read.map((_, index) => index));
  });
});

describe('A call that falls silent', () => {
  it('is stopped, though its progress was there before', async () => {
    const seen: unknown[] = [];
    const options = { idleTimeoutMs: 1000, onProgress: (value: unknown) => seen.push(value) };
    const error = await timeoutOf(client.call('report', [5, 0.1, 60], {}, options));
    expect(error).toMatchObject({ clock: 'idle', timeoutMs: 1000 });
    // Five reports, a tenth of a second apart, and the silence after them.
    expect(error.phases.runMs).toBeGreaterThan(1300);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(error.pythonStack).toContain('in report');
  });

  it('is not one that goes on reporting, listened to or not', async () => {
    const options = { idleTimeoutMs: 1000 };
    expect(await client.call('report', [15, 0.1, 0], {}, options)).toBe('done');
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClient } from '../../../../src/node/connect/connect-pool.js';
import { nativeClient, specOf } from '../../support/launch.js';
import { errorOf, eventually, isAlive, linesOf } from '../../support/waiting.js';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'synapse-pool-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('A pool', () => {
  it('spreads calls over its workers', async () => {
    const client = await nativeClient({ workers: 3 });
    expect(client.workers.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    const naps = [client.call('nap', [1.5]), client.call('nap', [1.5])];
    await client.call('echo', [1]);
    // It waited for none of them.
    expect(client.workers.reduce((sum, { inFlight }) => sum + inFlight, 0)).toBe(2);
    await Promise.all(naps);
  });

  it('answers each of thousands of calls with its own result', async () => {
    const client = await nativeClient({ workers: 2 });
    const results = await Promise.all(
      Array.from({ length: 5000 }, (_, n) => client.call('echo', [n])),
    );
    expect(results).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    expect(client.queued).toBe(0);
  });

  it('keeps calls it does not know to be quick out of a busy worker', async () => {
    const client = await nativeClient();
    const calls = [client.call('nap', [0.1]), client.call('nap', [0]), client.call('nap', [0])];
    expect(client.queued).toBe(2);
    await Promise.all(calls);
  });

  it('refuses a call when its queue is full, and takes calls again when it is not', async () => {
    const client = await nativeClient({ maxQueue: 2 });
    const accepted = [client.call('nap', [0.1]), client.call('pid'), client.call('pid')];
    const refused = await errorOf(client.call('pid'));
    expect(refused).toMatchObject({ name: 'QueueFullError', code: 'QUEUE_FULL', retryable: true });
    await Promise.all(accepted);
    expect(await client.call('echo', ['again'])).toBe('again');
  });

  it('never sends a call that was given up in the queue', async () => {
    const client = await nativeClient();
    const stop = new AbortController();
    const running = client.call('nap', [0.1]);
    const queued = errorOf(client.call('note', ['ran'], {}, { signal: stop.signal }));
    stop.abort(new Error('changed my mind'));
    expect(await queued).toMatchObject({
      name: 'AbortError',
      code: 'CALL_CANCELLED',
      cause: { message: 'changed my mind' },
    });
    await running;
    expect(await client.call('noted')).toEqual([]);
  });

  it('rejects at once when the signal was aborted before', async () => {
    const client = await nativeClient();
    const failed = client.call('note', ['ran'], {}, { signal: AbortSignal.abort() });
    expect((await errorOf(failed)).name).toBe('AbortError');
    expect(await client.call('noted')).toEqual([]);
  });

  it('starts the clock of a call when a worker can start on it', async () => {
    const client = await nativeClient();
    const first = client.call('nap', [0.3]);
    const second = client.call('nap', [0.05], {}, { timeoutMs: 250 });
    expect(await Promise.all([first, second])).toEqual(['rested', 'rested']);
  });
});

describe('A worker that dies', () => {
  it('rejects what it ran and says how it ended; the next call finds a new one', async () => {
    const client = await nativeClient({ name: 'mortal' });
    const error = await errorOf(client.call('die', [7]));
    expect(error).toMatchObject({
      name: 'WorkerExitedError',
      code: 'WORKER_EXITED',
      exitCode: 7,
      signal: null,
      stderrTail: 'last words',
      maybeExecuted: true,
    });
    expect(error.message).toContain('"mortal"');
    expect(error.message).toContain('last words');
    expect(await client.call('echo', ['alive'])).toBe('alive');
  });

  it('does not take along what waited in the queue', async () => {
    const client = await nativeClient();
    const death = errorOf(client.call('die'));
    const waiting = Promise.all([1, 2, 3].map((n) => client.call('echo', [n])));
    expect((await death).code).toBe('WORKER_EXITED');
    expect(await waiting).toEqual([1, 2, 3]);
  });

  it('a moment ago is not noticed by the next call, which no one had begun', async () => {
    const client = await nativeClient();
    const pid = await client.call<number>('pid');
    process.kill(pid, 'SIGKILL');
    const end = performance.now() + 100;
    while (performance.now() < end);
    expect(await client.call('pid')).not.toBe(pid);
  });

  it('takes its children along', async () => {
    const client = await nativeClient();
    const child = await client.call<number>('child');
    await errorOf(client.call('die'));
    expect(isAlive(child)).toBe(false);
  });

  it('again and again is replaced again and again', async () => {
    const client = await nativeClient();
    for (let n = 0; n < 8; n++)
      expect((await errorOf(client.call('die'))).code).toBe('WORKER_EXITED');
    expect(await client.call('echo', [1])).toBe(1);
  });
});

describe('A call that does not stop', () => {
  it.each(['swallow', 'burn_in_c'])('costs its worker: %s', async (method) => {
    const client = await nativeClient({ graceMs: 100 });
    const pid = await client.call<number>('pid');
    // Long enough to be at work by then: before, it would stop without any trouble.
    const error = await errorOf(client.call(method, [], {}, { timeoutMs: 400 }));
    expect(error).toMatchObject({ name: 'CallTimeoutError', timeoutMs: 400 });
    expect(error.message).toContain(`"${method}"`);
    expect(await client.call('pid')).not.toBe(pid);
    await eventually('the old worker has gone', () => !isAlive(pid));
  });

  it('moves what waited behind it, and runs that once', async () => {
    const client = await nativeClient({ graceMs: 100 });
    const file = join(scratch, 'moved.txt');
    // So that the pool knows `append` to be quick and sends it ahead.
    for (let n = 0; n < 30; n++) await client.call('append', ['/dev/null', 'x']);
    const stuck = errorOf(client.call('swallow', [], {}, { timeoutMs: 400 }));
    const behind = Promise.all(['a', 'b', 'c'].map((text) => client.call('append', [file, text])));
    expect((await stuck).name).toBe('CallTimeoutError');
    expect(await behind).toEqual(['a', 'b', 'c']);
    expect(linesOf(file)).toEqual(['a', 'b', 'c']);
  });

  it('leaves async neighbours their grace', async () => {
    const client = await nativeClient({ graceMs: 1000 });
    await client.call('async_nap', [0]); // the first of its kind has things to import
    // Over after the grace of the one that is stuck, and before that of its neighbours.
    const neighbour = client.call('async_nap', [1.9]);
    const stuck = errorOf(client.call('swallow', [], {}, { timeoutMs: 400 }));
    expect((await stuck).name).toBe('CallTimeoutError');
    expect(await neighbour).toBe('rested');
  });

  it('is stopped by its signal as well', async () => {
    const client = await nativeClient({ graceMs: 100 });
    const pid = await client.call<number>('pid');
    const options = { signal: AbortSignal.timeout(400) };
    const error = await errorOf(client.call('burn_in_c', [], {}, options));
    expect(error.name).toBe('AbortError');
    expect(await client.call('pid')).not.toBe(pid);
  });
});

describe('A module that cannot start', () => {
  const starts = (): string => join(scratch, `${expect.getState().currentTestName}.txt`);
  const broken = (workers = 1, startTimeoutMs?: number) => {
    const options = { workers, onLog: () => undefined, startTimeoutMs };
    return startClient(
      specOf('broken', { env: { STARTS: starts() } }),
      { name: 'broken' },
      options,
    );
  };

  it('gives one clear error and is not tried again by itself', async () => {
    const error = await errorOf(broken());
    expect(error).toMatchObject({ name: 'ModuleStartError', code: 'MODULE_START_FAILED' });
    expect(error.message).toContain('the model file is missing');
    expect(error.message).toContain('RuntimeError');
    expect(error.stderrTail).toContain('the model file is missing');
    expect(linesOf(starts())).toHaveLength(1);
  });

  it('rejects once for many workers', async () => {
    expect((await errorOf(broken(3))).code).toBe('MODULE_START_FAILED');
  });

  it('that takes too long is ended', async () => {
    // It ends by itself when this process has gone, which may be killed before it ends it.
    const script =
      "new (require('node:net').Socket)({ fd: 4 }).on('close', () => process.exit()).resume()";
    const spec = { command: process.execPath, args: ['-e', script] };
    const options = { startTimeoutMs: 150, onLog: () => undefined };
    const error = await errorOf(startClient(spec, { name: 'slow' }, options));
    expect(error.code).toBe('MODULE_START_FAILED');
    expect(error.message).toContain('150 ms');
  });

  it('because there is no such interpreter says so', async () => {
    const spec = { command: '/no/such/python', args: [] };
    const error = await errorOf(startClient(spec, { name: 'gone' }));
    expect(error.code).toBe('MODULE_START_FAILED');
    expect(error.message).toContain('/no/such/python');
  });
});

describe('A client', () => {
  it('closed finishes what was called, refuses what comes later, and leaves no process', async () => {
    const client = await nativeClient({ workers: 2 });
    const pids = client.workers.map(({ pid }) => pid as number);
    const calls = [client.call('nap', [0.1]), client.call('async_nap', [0.1])];
    const queued = client.call('echo', ['queued']);
    const closed = client.close();
    expect((await errorOf(client.call('echo', [1]))).name).toBe('ClosedError');
    expect(await Promise.all([...calls, queued])).toEqual(['rested', 'rested', 'queued']);
    await closed;
    await client.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(client.workers).toEqual([]);
  });

  it('closed does not wait for ever', async () => {
    const client = await nativeClient({ closeTimeoutMs: 150, graceMs: 100 });
    const call = errorOf(client.call('nap', [60]));
    await client.close();
    expect((await call).code).toBe('CLOSED');
  });

  it.each(['nap', 'swallow', 'burn_in_c'])('terminated ends a worker in %s', async (method) => {
    const client = await nativeClient({ graceMs: 200 });
    const [worker] = client.workers;
    const calls = [client.call(method, method === 'nap' ? [60] : []), client.call('pid')];
    const errors = Promise.all(calls.map(errorOf));
    await client.terminate();
    for (const error of await errors) expect(error.code).toBe('CLOSED');
    expect(isAlive(worker?.pid as number)).toBe(false);
  });

  it('terminated while it closes ends at once', async () => {
    const client = await nativeClient({ closeTimeoutMs: 60_000 });
    const call = errorOf(client.call('nap', [60]));
    const closed = client.close();
    await client.terminate();
    await closed;
    expect((await call).code).toBe('CLOSED');
  });

  it('is disposed of by `await using`', async () => {
    const client = await nativeClient();
    const [worker] = client.workers;
    await client[Symbol.asyncDispose]();
    expect(isAlive(worker?.pid as number)).toBe(false);
  });

  it('says what arguments must look like', async () => {
    const client = await nativeClient();
    const wrong = client as unknown as { call(...args: unknown[]): Promise<unknown> };
    expect((await errorOf(wrong.call('add', 1))).message).toContain('must be an array');
    expect((await errorOf(wrong.call('add', [1], [2]))).message).toContain('must be an object');
    expect((await errorOf(wrong.call('add', [1], {}, { timeoutMs: -1 }))).message).toContain(
      'timeoutMs',
    );
  });
});

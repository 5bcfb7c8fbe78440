// The cases of piscina, tinypool and workerpool about the end of a pool, of its workers, and about isolation and limits.
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { begun, newPath, pool, waiting } from '../support/pools.js';
import { isAlive } from '../support/processes.js';
import { linesOf } from '../support/scratch.js';
import { errorOf, eventually, timed, within } from '../support/waiting.js';

const MB = 1024 * 1024;
const pidsOf = (client: { workers: readonly { pid: number | undefined }[] }): number[] =>
  client.workers.map(({ pid }) => pid ?? 0);

describe('The end of a pool (piscina, tinypool)', () => {
  it('is possible while tasks run', async () => {
    const client = await pool();
    const { result } = await begun(client, 'spin');
    const failure = errorOf(result);
    await within(3000, 'terminate()', client.terminate());
    expect((await failure).code).toBe('CLOSED');
  });

  it.each([
    { min: 0, max: 1 },
    { min: 1, max: 1 },
  ])('is possible before anything was done with %j workers', async (workers) => {
    const client = await pool({ workers });
    const pids = pidsOf(client);
    await within(3000, 'close()', client.close());
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('waits for what was queued', async () => {
    const client = await pool();
    const calls = Array.from({ length: 20 }, () => client.call('nap', [0.002]));
    await client.close();
    expect(new Set(await Promise.all(calls)).size).toBe(1);
  });

  it('refuses what comes during it', async () => {
    const client = await pool();
    const task = waiting(client);
    await task.begun;
    const closing = client.close();
    expect((await errorOf(client.call('pid'))).code).toBe('CLOSED');
    task.release();
    await Promise.all([closing, task.result]);
  });

  it('ends what does not end in time', async () => {
    const client = await pool({ graceMs: 100 });
    const { result } = await begun(client, 'spin');
    const failure = errorOf(result);
    const { ms } = await timed(() => client.close({ drainMs: 100 }));
    expect(ms).toBeLessThan(4000);
    expect((await failure).code).toBe('CLOSED');
  });

  it('may come while a worker is still starting', async () => {
    const client = await pool({ workers: { min: 0, max: 1 } });
    const failure = errorOf(client.call('pid'));
    await within(3000, 'terminate()', client.terminate());
    expect((await failure).code).toBe('CLOSED');
    expect(client.workers.filter(({ state }) => state !== 'exited')).toEqual([]);
  });

  it('leaves no child of a worker', async () => {
    const client = await pool();
    const [pid = 0, child = 0] = await client.call<number[]>('child');
    await client.close();
    expect([pid, child].map(isAlive)).toEqual([false, false]);
  });

  it('lets workers tear down', async () => {
    const notes = newPath();
    const client = await pool({ workers: 2, env: { PEERS_TEARDOWN: notes } });
    const pids = pidsOf(client);
    await client.close();
    expect(linesOf(notes).map(Number).sort()).toEqual(pids.sort());
  });

  it('does not wait for a teardown longer than it may take', async () => {
    const notes = newPath();
    const env = { PEERS_TEARDOWN: notes, PEERS_TEARDOWN_SECONDS: '60' };
    const client = await pool({ env, closeTimeoutMs: 200, graceMs: 100 });
    expect((await timed(() => client.close())).ms).toBeLessThan(5000);
    expect(linesOf(notes)).toEqual([]);
  });

  it('takes messages to a worker that is ending without a crash', async () => {
    const client = await pool({ workers: 2 });
    const closing = client.terminate();
    const late = Array.from({ length: 100 }, () => errorOf(client.call('pid')));
    for (const failure of await Promise.all(late)) expect(failure.code).toBe('CLOSED');
    await closing;
  });

  it('may come while workers are being recycled', async () => {
    const client = await pool({ workers: 2, recycle: { calls: 1, jitter: 0 } });
    const calls = Array.from({ length: 10 }, () => client.call('pid'));
    await Promise.all(calls);
    await within(5000, 'close()', client.close());
  });
});

describe('A worker that fails outside of any task (piscina)', () => {
  it('by an exception in a thread goes on, and says so in its log', async () => {
    const lines: string[] = [];
    const client = await pool({ onLog: ({ message }) => lines.push(message) });
    const pid = await client.call('raise_in_a_thread');
    await eventually('the log has it', () => lines.join('').includes('nobody catches this'));
    expect(await client.call('pid')).toBe(pid);
  });

  it('by ending after its task is replaced, and the next task does not notice', async () => {
    const client = await pool();
    const exits: unknown[] = [];
    client.on('workerExit', ({ exitCode }) => exits.push(exitCode));
    const signal = newPath();
    const pid = await client.call<number>('crash_in_a_thread', [signal]);
    writeFileSync(signal, '');
    await eventually('it has gone', () => exits.length === 1);
    expect(exits).toEqual([9]);
    expect(await within(30_000, 'pid', client.call('pid'))).not.toBe(pid);
  });

  it('by ending during a task rejects that, and is replaced', async () => {
    const client = await pool();
    const signal = newPath();
    const pid = await client.call<number>('crash_in_a_thread', [signal]);
    const { result } = await begun(client, 'wait_for', [newPath()]);
    writeFileSync(signal, '');
    expect(await errorOf(result)).toMatchObject({ name: 'WorkerExitedError', exitCode: 9 });
    expect(await client.call('pid')).not.toBe(pid);
  });
});

describe('Isolation (tinypool)', () => {
  it('replaces each worker after its task, if wanted', async () => {
    const client = await pool({ workers: 1, recycle: { calls: 1, jitter: 0 } });
    const seen = [];
    for (let n = 0; n < 5; n += 1) {
      const [pid = 0, served] = await client.call<number[]>('count');
      seen.push({ pid, served });
      // The new one is started first, and until then the old one would serve on.
      await eventually('another is there', () => !pidsOf(client).includes(pid));
    }
    expect(seen.map(({ served }) => served)).toEqual([1, 1, 1, 1, 1]);
    expect(new Set(seen.map(({ pid }) => pid)).size).toBe(5);
  });

  it('keeps the state of a worker between tasks, if not', async () => {
    const client = await pool();
    const seen = [];
    for (let n = 0; n < 5; n += 1) seen.push(await client.call<number[]>('count'));
    expect(seen.map(([, served]) => served)).toEqual([1, 2, 3, 4, 5]);
    // Nobody was served before the setup was done.
    expect(seen.every(([, , ready]) => ready === 1)).toBe(true);
  });

  it('replaces a running worker only when its task has ended', async () => {
    const client = await pool({ workers: 1, recycle: { calls: 2, jitter: 0 } });
    const task = waiting(client, 'wait_for_later');
    await task.begun;
    const pid = await client.call<number>('pid');
    await eventually('another answers', async () => (await client.call('pid')) !== pid);
    expect(isAlive(pid)).toBe(true);
    task.release();
    expect(typeof (await task.result)).toBe('string');
    await eventually('it has gone', () => !isAlive(pid));
  });

  it('has each worker that is recycled tear down', async () => {
    const notes = newPath();
    const client = await pool({
      recycle: { calls: 1, jitter: 0 },
      env: { PEERS_TEARDOWN: notes },
    });
    const pids = [];
    for (let n = 0; n < 3; n += 1) {
      const pid = await client.call<number>('pid');
      pids.push(pid);
      await eventually('it has gone', () => !isAlive(pid));
    }
    expect(linesOf(notes).map(Number)).toEqual(pids);
  });
});

describe('Resource limits (piscina, tinypool)', () => {
  it('end a task that takes too much memory, with an error that names the limit', async () => {
    const client = await pool({ limits: { memoryBytes: 400 * MB } });
    const failure = await errorOf(within(30_000, 'gobble', client.call('gobble')));
    expect(failure).toMatchObject({ name: 'WorkerExitedError', reason: 'memory-limit' });
    expect(failure.message).toMatch(/memory/);
    expect(typeof (await within(30_000, 'pid', client.call('pid')))).toBe('number');
  });

  it('on the address space make Python raise', async () => {
    const client = await pool({ limits: { addressSpaceBytes: 1024 * MB } });
    const failure = await errorOf(within(30_000, 'gobble', client.call('gobble')));
    expect(['PYTHON_EXCEPTION', 'WORKER_EXITED']).toContain(failure.code);
    expect(typeof (await within(30_000, 'pid', client.call('pid')))).toBe('number');
  });

  it('replace a worker that has grown, between tasks', async () => {
    const client = await pool({ recycle: { memoryBytes: 150 * MB, jitter: 0 } });
    const first = await client.call<number>('leak', [1]);
    expect(await client.call('leak', [1])).toBe(first);
    await client.call('leak', [200]);
    await eventually('another answers', async () => (await client.call('pid')) !== first, 20_000);
    await eventually('the old one has gone', () => !isAlive(first));
  });
});

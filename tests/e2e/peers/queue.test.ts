// The queue cases of piscina, tinypool and workerpool, said again of calls to Python.
import { describe, expect, it } from '@jest/globals';
import { newPath, pool, waiting } from '../support/pools.js';
import { linesOf } from '../support/scratch.js';
import { errorOf, eventually, within } from '../support/waiting.js';

const live = (states: { state: string }[]): number =>
  states.filter(({ state }) => state !== 'exited' && state !== 'stopping').length;

describe('Tasks in a queue (piscina, tinypool)', () => {
  it('wait there until a worker can run them, and workers are added up to the most', async () => {
    const client = await pool({ workers: { min: 2, max: 3 } });
    expect([client.workers.length, client.queued]).toEqual([2, 0]);
    const tasks = [waiting(client), waiting(client)];
    await Promise.all(tasks.map(({ begun }) => begun));
    expect([client.workers.length, client.queued]).toEqual([2, 0]);
    tasks.push(waiting(client));
    await tasks[2]?.begun;
    expect([client.workers.length, client.queued]).toEqual([3, 0]);
    tasks.push(waiting(client));
    expect([client.workers.length, client.queued]).toEqual([3, 1]);
    for (const task of tasks) task.release();
    await within(30_000, 'all end', Promise.all(tasks.map(({ result }) => result)));
    expect(client.queued).toBe(0);
  });

  it('are refused over the limit, and those that wait are told when the pool ends', async () => {
    const client = await pool({ workers: { min: 0, max: 1 }, maxQueue: 2 });
    expect([client.workers.length, client.queued]).toEqual([0, 0]);
    const running = errorOf(client.call('spin'));
    await eventually('it runs', () => client.queued === 0 && client.workers.length === 1);
    const queued = [errorOf(client.call('spin')), errorOf(client.call('spin'))];
    expect(client.queued).toBe(2);
    expect(await errorOf(client.call('spin'))).toMatchObject({
      name: 'QueueFullError',
      maxQueue: 2,
      queued: 2,
    });
    await client.terminate();
    for (const error of await Promise.all([running, ...queued])) expect(error.code).toBe('CLOSED');
  });

  it.each([
    ['a worker that is there', { min: 1, max: 1 }],
    ['a worker that has to be started', { min: 0, max: 1 }],
    ['a worker that has to be started', { min: 0, max: 1 }],
  ])('are refused at once without a queue, while %s is busy', async (_, workers) => {
    const client = await pool({ workers, maxQueue: 0 });
    const task = waiting(client);
    await task.begun;
    expect((await errorOf(client.call('pid'))).code).toBe('QUEUE_FULL');
    task.release();
    await task.result;
    expect(typeof (await client.call('pid'))).toBe('number');
  });

  it('share a worker where they are asynchronous', async () => {
    const client = await pool({ workers: 1 });
    const tasks = [waiting(client, 'wait_for_later'), waiting(client, 'wait_for_later')];
    await Promise.all(tasks.map(({ begun }) => begun));
    expect([client.workers.length, client.queued]).toEqual([1, 0]);
    for (const task of tasks) task.release();
    await Promise.all(tasks.map(({ result }) => result));
  });

  it('can be cancelled there, and never run', async () => {
    const client = await pool({ workers: 1 });
    const notes = newPath();
    const task = waiting(client);
    await task.begun;
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const calls = controllers.map(({ signal }, n) =>
      client.call('note', [notes, String(n)], {}, { signal }),
    );
    const failures = [calls[1], calls[3]].map((call) => errorOf(call as Promise<unknown>));
    expect(client.queued).toBe(4);
    controllers[1]?.abort();
    controllers[3]?.abort();
    for (const failure of await Promise.all(failures)) expect(failure.name).toBe('AbortError');
    expect(client.queued).toBe(2);
    task.release();
    await Promise.all([calls[0], calls[2]]);
    expect(linesOf(notes)).toEqual(['0', '2']);
  });
});

describe('The order of tasks (workerpool)', () => {
  it('is that in which they came', async () => {
    const client = await pool({ workers: 1 });
    const notes = newPath();
    const task = waiting(client);
    await task.begun;
    const calls = Array.from({ length: 30 }, (_, n) => client.call('note', [notes, String(n)]));
    task.release();
    await Promise.all(calls);
    expect(linesOf(notes)).toEqual(Array.from({ length: 30 }, (_, n) => String(n)));
  });

  it('follows their priorities, and among equals the order they came in', async () => {
    const client = await pool({ workers: 1 });
    const notes = newPath();
    const task = waiting(client);
    await task.begun;
    const priorities = [0, 5, -1, 5, 0, 10, -1, 1];
    const calls = priorities.map((priority, n) =>
      client.call('note', [notes, `${priority}:${n}`], {}, { priority }),
    );
    task.release();
    await Promise.all(calls);
    expect(linesOf(notes)).toEqual(['10:5', '5:1', '5:3', '1:7', '0:0', '0:4', '-1:2', '-1:6']);
  });
});

describe('The number of workers (piscina, workerpool)', () => {
  it('starts at the least, never exceeds the most, and is 0 in the end', async () => {
    const client = await pool({ workers: { min: 1, max: 2 } });
    expect(client.workers.length).toBe(1);
    const tasks = Array.from({ length: 6 }, () => waiting(client));
    await Promise.all([tasks[0]?.begun, tasks[1]?.begun]);
    expect([client.workers.length, client.queued]).toEqual([2, 4]);
    for (const task of tasks) task.release();
    await Promise.all(tasks.map(({ result }) => result));
    await client.close();
    expect(live([...client.workers])).toBe(0);
  });

  it('goes down to the least when there is nothing to do for a while', async () => {
    const client = await pool({ workers: { min: 1, max: 3, idleTimeoutMs: 100 } });
    const tasks = Array.from({ length: 3 }, () => waiting(client));
    await Promise.all(tasks.map(({ begun }) => begun));
    expect(client.workers.length).toBe(3);
    for (const task of tasks) task.release();
    await Promise.all(tasks.map(({ result }) => result));
    await eventually('two have gone', () => client.workers.length === 1);
    expect(typeof (await client.call('pid'))).toBe('number');
  });

  it.each([
    [{ min: -1 }, /min/],
    [{ min: 1.5 }, /min/],
    [{ max: 0 }, /max/],
    [{ min: 4, max: 2 }, /max/],
    [{ idleTimeoutMs: -1 }, /idleTimeoutMs/],
    ['many', /workers/],
    [-1, /workers/],
  ])('must make sense: %j does not', async (workers, says) => {
    const failure = await errorOf(pool({ workers: workers as never }));
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(failure.message).toMatch(says);
  });
});

describe('Back pressure (piscina)', () => {
  it('says that it needs to drain while tasks wait, and tells when nothing waits any more', async () => {
    const client = await pool({ workers: 1 });
    let drained = 0;
    const off = client.on('drain', () => {
      drained += 1;
    });
    expect(client.needsDrain).toBe(false);
    const tasks = [waiting(client), waiting(client), waiting(client)];
    await tasks[0]?.begun;
    expect(client.needsDrain).toBe(true);
    for (const task of tasks) task.release();
    await Promise.all(tasks.map(({ result }) => result));
    await eventually('drain', () => drained === 1);
    expect(client.needsDrain).toBe(false);
    off();
    const more = [waiting(client), waiting(client)];
    for (const task of more) task.release();
    await Promise.all(more.map(({ result }) => result));
    expect(drained).toBe(1);
  });

  it('keeps count of how long tasks ran and waited', async () => {
    const client = await pool({ workers: 1 });
    await Promise.all([client.call('nap', [0.05]), client.call('nap', [0.05])]);
    expect(JSON.stringify(client.stats())).toContain('nap');
  });
});

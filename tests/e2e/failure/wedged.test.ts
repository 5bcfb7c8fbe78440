// A worker that is busy is left alone; one whose interpreter answers nothing is found, told of, and replaced if asked.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Client, ClientEvents, ConnectOptions } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { isAlive } from '../support/processes.js';
import { newFolder, sharedModule } from '../support/scratch.js';
import { errorOf, eventually, within } from '../support/waiting.js';

let client: Client;
let unresponsive: ClientEvents['unresponsive'][];
let states: string[];
afterEach(() => client.terminate());

async function watched(watchdog: ConnectOptions['watchdog']): Promise<number> {
  client = await connect(sharedModule('native'), { entrypoint: 'supervised', watchdog });
  unresponsive = [];
  states = [];
  client.on('unresponsive', (event) => unresponsive.push(event));
  client.on('worker', ({ pid, state }) => states.push(`${pid} ${state}`));
  return client.call<number>('pid');
}

describe('A worker that holds its interpreter', () => {
  it('is told of, with its stack, and goes on when it lets go', async () => {
    const pid = await watched({ afterMs: 300 });
    const fifo = join(newFolder(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const call = client.call('hold_interpreter_until', [fifo]);
    await eventually('it was told of', () => unresponsive.length > 0);
    expect(client.workers).toMatchObject([{ pid, state: 'unresponsive' }]);
    expect(unresponsive).toMatchObject([{ pid }]);
    expect(unresponsive[0]?.pythonStack).toContain('in hold_interpreter_until');
    expect(unresponsive[0]?.sinceMs).toBeGreaterThan(1000);
    const next = client.call('echo', [1]);
    await writeFile(fifo, '');
    expect(await call).toBe('let go');
    expect(await next).toBe(1);
    expect(await client.call('pid')).toBe(pid);
    expect(states).toEqual([`${pid} unresponsive`, `${pid} ready`]);
  });

  it('is replaced where that is wanted', async () => {
    const pid = await watched({ afterMs: 200, action: 'replace' });
    const failure = await errorOf(client.call('hold_interpreter', [60]));
    expect(failure).toMatchObject({ code: 'WORKER_EXITED', reason: 'unresponsive' });
    expect(failure.message).toContain('did not answer');
    expect(await within(30_000, 'the next call', client.call('pid'))).not.toBe(pid);
    await eventually('the old worker has gone', () => !isAlive(pid));
  });

  it('may be a process that somebody has stopped', async () => {
    const pid = await watched({ afterMs: 200, action: 'replace' });
    let call: Promise<unknown> = Promise.resolve();
    // Not begun it would only go to another worker.
    await new Promise<void>((begun) => {
      const options = { onProgress: () => begun() };
      call = errorOf(client.call('report', [1, 0, 60], {}, options));
    });
    process.kill(pid, 'SIGSTOP');
    expect(await within(15_000, 'the call', call)).toMatchObject({ reason: 'unresponsive' });
    expect(await client.call('pid')).not.toBe(pid);
  });
});

describe('A worker that is busy', () => {
  it.each([
    ['in pure Python', 'compute', [2.5]],
    ['in the kernel', 'sleep', [2.5]],
    ['on the event loop', 'wait', [2.5]],
  ])('%s is left alone, however long it takes', async (_, method, args) => {
    const pid = await watched({ afterMs: 100, action: 'replace' });
    await client.call(method, args);
    expect(unresponsive).toEqual([]);
    expect(await client.call('pid')).toBe(pid);
  });
});

// Why a worker ended: errors and events say it, and calls that never began go to another.
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Client, ClientEvents, ConnectOptions } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually } from '../support/waiting.js';

let client: Client;
let exits: ClientEvents['workerExit'][];
afterEach(() => client.terminate());

async function open(entrypoint: string, options: ConnectOptions = {}): Promise<void> {
  client = await connect(sharedModule('native'), { entrypoint, ...options });
  exits = [];
  client.on('workerExit', (event) => exits.push(event));
}

describe('The error of a call whose worker died', () => {
  it.each([
    ['exited', 'os_exit', [3], { exitCode: 3, signal: null }],
    ['crashed', 'segfault', [], { exitCode: null, signal: 'SIGSEGV' }],
    ['killed', 'die_by_signal', ['SIGKILL'], { exitCode: null, signal: 'SIGKILL' }],
  ])('says that it %s', async (reason, method, args, exit) => {
    await open('trouble');
    const pid = await client.call<number>('pid');
    const failure = await errorOf(client.call(method, args));
    expect(failure).toMatchObject({ code: 'WORKER_EXITED', reason, attempts: 1, ...exit });
    expect(exits).toMatchObject([{ pid, reason, calls: 1, ...exit }]);
  });

  it('says that it had too much memory, and how much that is', async () => {
    await open('supervised', { limits: { memoryBytes: 100 * 2 ** 20 } });
    const pid = await client.call<number>('pid');
    const failure = await errorOf(client.call('take_memory', [200]));
    expect(failure).toMatchObject({ code: 'WORKER_EXITED', reason: 'memory-limit' });
    expect(failure.message).toMatch(/[12]\d\d MiB.*100 MiB/);
    expect(await client.call('pid')).not.toBe(pid);
    expect(exits).toMatchObject([{ pid, reason: 'memory-limit' }]);
  });

  it('says that it had used up its processor time', async () => {
    await open('supervised', { limits: { cpuSeconds: 2 } });
    const failure = await errorOf(client.call('compute', [60]));
    expect(failure).toMatchObject({ reason: 'cpu-limit', signal: 'SIGXCPU' });
    expect(failure.message).toContain('limits.cpuSeconds');
  });

  it('says that another call did not stop', async () => {
    await open('supervised', { graceMs: 100 });
    const neighbour = errorOf(client.call('wait', [60]));
    const stop = new AbortController();
    // Stopped before it runs it would be no trouble.
    const options = { signal: stop.signal, onProgress: () => stop.abort() };
    const stuck = client.call('refuse_to_stop', [], {}, options);
    expect((await errorOf(stuck)).code).toBe('CALL_CANCELLED');
    expect(await neighbour).toMatchObject({ code: 'WORKER_EXITED', reason: 'cancelled' });
    await eventually('its end was told', () => exits.length > 0);
    expect(exits).toMatchObject([{ reason: 'cancelled' }]);
  });
});

describe('A worker that is told to end from outside', () => {
  it('gives back what it was sent and has not begun, every time', async () => {
    await open('supervised');
    // Known to be quick, so that the pool sends many ahead.
    for (let n = 0; n < 100; n++) await client.call('echo', [n]);
    for (let round = 0; round < 10; round++) {
      const pid = await client.call<number>('pid');
      const calls = Array.from({ length: 300 }, (_, n) => client.call<number>('echo', [n]));
      process.kill(pid, 'SIGTERM');
      expect(await Promise.all(calls)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    }
    await eventually('all have ended', () => exits.length === 10);
    expect(new Set(exits.map(({ reason }) => reason))).toEqual(new Set(['exited']));
  });
});

describe('A worker that the client ends', () => {
  it('tells that, too', async () => {
    await open('supervised');
    await client.close();
    expect(exits).toMatchObject([{ reason: 'closed', exitCode: 0, calls: 0 }]);
  });
});

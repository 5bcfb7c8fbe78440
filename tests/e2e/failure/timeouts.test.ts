// timeoutMs really stops the Python code: where it can be interrupted it is, where not its worker is replaced.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { isAlive } from '../support/processes.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually, timed, within } from '../support/waiting.js';

let client: Client;
let pid: number;
beforeEach(async () => {
  client = await connect(sharedModule('native'), { entrypoint: 'trouble' });
  pid = await client.call<number>('pid');
  // Nor the first on the loop: what follows must be running when its time is over.
  await client.call('async_sleep', [0]);
});
afterEach(() => client.terminate());

const timeout = { timeoutMs: 300 };

describe('A call that takes too long', () => {
  it.each([
    ['sleeps', 'sleep', [60]],
    ['sleeps on the loop', 'async_sleep', [60]],
    ['spins in pure Python', 'spin', []],
    ['backtracks in a regular expression', 'regex', []],
    ['waits for a lock', 'wait_for_lock', []],
    ['waits for a child process', 'wait_for_child', []],
  ])('is stopped when it %s, and its worker lives on', async (_, method, args) => {
    const { value, ms } = await timed(() => errorOf(client.call(method, args, {}, timeout)));
    expect(value.code).toBe('CALL_TIMEOUT');
    // Far from the 60 s it would take; that it was no replacement, the same pid says.
    expect(ms).toBeLessThan(5000);
    expect(await within(5000, 'the next call', client.call('pid'))).toBe(pid);
  });

  it.each([
    ['burns in C with the interpreter lock', 'spin_in_c'],
    ['swallows every exception', 'swallow'],
    ['blocks the event loop', 'async_spin'],
  ])('loses its worker when it %s', async (_, method) => {
    const { value, ms } = await timed(() => errorOf(client.call(method, [], {}, timeout)));
    expect(value.code).toBe('CALL_TIMEOUT');
    expect(ms).toBeLessThan(6000);
    expect(await within(12_000, 'the next call', client.call('pid'))).not.toBe(pid);
    await eventually('the old worker has gone', () => !isAlive(pid));
  });

  it('on the loop that swallows its cancellation settles all the same', async () => {
    const { value, ms } = await timed(() => errorOf(client.call('async_swallow', [], {}, timeout)));
    expect(value.code).toBe('CALL_TIMEOUT');
    expect(ms).toBeLessThan(6000);
    expect(typeof (await within(12_000, 'the next call', client.call('pid')))).toBe('number');
  });

  it('does not hurt the neighbour’s worker', async () => {
    const pair = await connect(sharedModule('native'), { entrypoint: 'trouble', workers: 2 });
    await Promise.all([pair.call('sleep', [0.05]), pair.call('sleep', [0.05])]);
    const neighbour = pair.call('sleep', [1.2]);
    expect((await errorOf(pair.call('spin_in_c', [], {}, timeout))).code).toBe('CALL_TIMEOUT');
    expect(await neighbour).toBe('slept');
    await pair.terminate();
  });

  it('is not charged for the time it waited in the queue', async () => {
    const running = client.call('sleep', [0.5]);
    expect(await client.call('sleep', [0.01], {}, timeout)).toBe('slept');
    expect(await running).toBe('slept');
    expect(await client.call('pid')).toBe(pid);
  });

  it('a hundred times leaves the worker as good as new', async () => {
    for (let n = 0; n < 100; n += 1) {
      const failure = await errorOf(client.call('sleep', [60], {}, { timeoutMs: 5 }));
      expect(failure.code).toBe('CALL_TIMEOUT');
    }
    expect(await client.call('pid')).toBe(pid);
  });
});

describe('terminate()', () => {
  it.each(['spin', 'spin_in_c', 'swallow', 'async_spin'])('ends a worker in %s', async (method) => {
    const call = errorOf(client.call(method));
    await within(5000, 'terminate', client.terminate());
    expect(['CLOSED', 'WORKER_EXITED']).toContain((await call).code);
    expect(isAlive(pid)).toBe(false);
  });
});

// The worker dies in the middle of a call: that call rejects and says how, the next one finds a new worker.
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { isAlive } from '../support/processes.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually, within } from '../support/waiting.js';

const trouble = { entrypoint: 'trouble' };
let client: Client;
beforeEach(async () => {
  client = await connect(sharedModule('native'), trouble);
});
afterEach(() => client.terminate());

describe('A worker that dies in a call', () => {
  it.each([
    ['SIGKILL', 'die_by_signal', ['SIGKILL'], /SIGKILL/],
    ['SIGSEGV', 'segfault', [], /SIGSEGV/],
    ['SIGABRT', 'die_by_signal', ['SIGABRT'], /SIGABRT/],
    ['os._exit', 'os_exit', [23], /\b23\b/],
    ['os._exit(0)', 'os_exit', [0], /\b0\b/],
  ])(
    'by %s rejects that call, and the next call finds a new one',
    async (_, method, args, says) => {
      const before = await client.call<number>('pid');
      const failure = await errorOf(within(30_000, method, client.call(method, args)));
      expect(failure).toMatchObject({ name: 'WorkerExitedError', code: 'WORKER_EXITED' });
      expect(failure.message).toMatch(says);
      const after = await within(30_000, 'a new worker', client.call<number>('pid'));
      expect(after).not.toBe(before);
      expect(isAlive(before)).toBe(false);
    },
  );

  it('killed from outside while it works does the same', async () => {
    const pid = await client.call<number>('pid');
    // Killed before Python had read it, the call would rightly move to the next worker.
    const onProgress = () => process.kill(pid, 'SIGKILL');
    const call = errorOf(client.call('say_and_sleep', [60], {}, { onProgress }));
    expect((await within(30_000, 'the call', call)).code).toBe('WORKER_EXITED');
    expect(await client.call('pid')).not.toBe(pid);
  });

  it('killed while it is idle is replaced for the next call', async () => {
    const pid = await client.call<number>('pid');
    process.kill(pid, 'SIGKILL');
    await eventually('it has gone', () => !isAlive(pid));
    expect(await within(30_000, 'a call', client.call('pid'))).not.toBe(pid);
  });

  it('takes its grandchildren with it', async () => {
    const [pid, grandchild] = await client.call<[number, number]>('group');
    await errorOf(client.call('os_exit', [1]));
    await eventually('both have gone', () => !isAlive(pid) && !isAlive(grandchild));
  });

  it('shows its last words', async () => {
    const failure = await errorOf(client.call('talk_then_die', ['out of memory on /dev/gpu0']));
    expect(`${failure.message} ${JSON.stringify(failure.details)}`).toContain(
      'out of memory on /dev/gpu0',
    );
  });

  it('rejects every call it was running, and only those', async () => {
    const running = [
      errorOf(client.call('async_sleep', [60])),
      errorOf(client.call('async_sleep', [60])),
    ];
    const killer = errorOf(client.call('die_by_signal', ['SIGKILL']));
    for (const failure of await within(30_000, 'all reject', Promise.all([...running, killer]))) {
      expect(failure.code).toBe('WORKER_EXITED');
    }
    expect(typeof (await client.call('pid'))).toBe('number');
  });

  it('does not disturb its neighbour', async () => {
    const pair = await connect(sharedModule('native'), { ...trouble, workers: 2 });
    const neighbour = pair.call('sleep', [0.5]);
    const killer = errorOf(pair.call('os_exit', [1]));
    expect((await killer).code).toBe('WORKER_EXITED');
    expect(await neighbour).toBe('slept');
    await pair.close();
  });

  it('breaks a stream with an error, not with a silent end', async () => {
    const streams = await connect(sharedModule('native'), { entrypoint: 'streams' });
    const pid = streams.workers[0]?.pid;
    const iterator = streams.stream<number>('stuck_after', ['x', 2])[Symbol.asyncIterator]();
    expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([0, 1]);
    const next = errorOf(iterator.next());
    process.kill(pid ?? 0, 'SIGKILL');
    expect((await within(5000, 'the stream', next)).code).toBe('WORKER_EXITED');
    await streams.close();
  });

  it('ten times in a row is replaced ten times', async () => {
    for (let n = 0; n < 10; n += 1) {
      expect((await errorOf(client.call('os_exit', [n]))).code).toBe('WORKER_EXITED');
    }
    expect(typeof (await within(30_000, 'a new worker', client.call('pid')))).toBe('number');
  });
});

describe('A worker whose stdout is noisy', () => {
  it('answers cleanly, whatever Python, C and children print', async () => {
    const noisy = await connect(sharedModule('native'));
    for (let n = 0; n < 20; n += 1) {
      expect(await noisy.call('make_noise', [`round ${n}`])).toBe(`round ${n}`);
    }
    expect(await noisy.call('print_lines', [20_000])).toBe(20_000);
    await Promise.all(Array.from({ length: 2000 }, () => noisy.call('print_lines', [1])));
    await noisy.close();
  });

  it('reads nothing from stdin, in Python or in a child', async () => {
    const reader = await connect(sharedModule('native'));
    expect(await within(30_000, 'read_input', reader.call('read_input'))).toBe("('', b'')");
    await reader.close();
  });

  it('hands no descriptor of ours to its children', async () => {
    const parent = await connect(sharedModule('native'));
    const inherited = await parent.call<string[]>('inherited_fds');
    // Whoever started this test may have left descriptors open for all that come after: not ours.
    const hosts = readdirSync('/proc/self/fd').map(targetOf);
    const targets = inherited
      .map((line) => / (\d+) -> (.*)$/.exec(line))
      .filter((match) => Number(match?.[1]) > 2 && !hosts.includes(match?.[2] ?? ''))
      .map((match) => match?.[2]);
    expect(targets).toEqual([expect.stringMatching(/^\/proc\/\d+\/fd$/)]);
    await parent.close();
  });
});

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ''; // the one that read the folder
  }
}

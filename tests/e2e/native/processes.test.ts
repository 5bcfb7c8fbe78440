// Processes that a module starts with `multiprocessing`, in workers that are forked and in workers that are spawned.
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { groupAndSession, hasFamily, isAlive } from '../support/processes.js';
import { newFolder, sharedModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const directory = sharedModule('native');
// What Python's own `multiprocessing` cannot remove when its process is killed.
const env = { TMPDIR: newFolder() };
const onLinux = process.platform === 'linux' ? describe : describe.skip;

describe.each([
  ['forked', true],
  ['spawned', false],
])('A module in a worker that is %s', (_, zygote) => {
  let client: Client;
  beforeAll(async () => {
    client = await connect(directory, { entrypoint: 'pools', zygote, env });
  });
  afterAll(() => client.terminate());

  it.each(
    ['fork', 'spawn', 'forkserver'].flatMap((manner) => [
      [manner, 'Pool'],
      [manner, 'ProcessPoolExecutor'],
    ]),
  )('has its work done by %s processes of a %s', async (manner, how) => {
    const worker = await client.call<number>('pid');
    const [values, pids] = await client.call<[number[], number[]]>(
      'squares',
      [manner, how, 4],
      {},
      {
        timeoutMs: 60_000,
      },
    );
    expect(values).toEqual([0, 1, 4, 9]);
    expect(pids).not.toContain(worker);
    await eventually('they have gone', () => !pids.some(isAlive));
    expect(await client.call('pid')).toBe(worker);
  });
});

onLinux.each([
  ['forked', true],
  ['spawned', false],
])('A worker that was %s and had pools', (_, zygote) => {
  it.each(['close', 'kill'])('leaves nothing behind (%s)', async (end) => {
    const semaphores = readdirSync('/dev/shm').filter((name) => name.startsWith('sem.'));
    const client = await connect(directory, { entrypoint: 'pools', zygote, env });
    const worker = await client.call<number>('pid');
    for (const manner of ['spawn', 'forkserver']) {
      await client.call('squares', [manner, 'Pool', 2], {}, { timeoutMs: 60_000 });
    }
    if (end === 'kill') process.kill(worker, 'SIGKILL');
    await client.close();
    await eventually('its family has gone', () => !hasFamily(worker));
    const left = readdirSync('/dev/shm').filter((name) => name.startsWith('sem.'));
    expect(left.filter((name) => !semaphores.includes(name))).toEqual([]);
  });
});

onLinux.each([
  ['forked', true],
  ['spawned', false],
])('A worker that was %s', (_, zygote) => {
  it('leads a process group in the session of its host: calls between two sessions are slow', async () => {
    const client = await connect(directory, { zygote });
    const worker = await client.call<number>('pid');
    const [, session] = groupAndSession(process.pid);
    expect(groupAndSession(worker)).toEqual([worker, session]);
    await client.close();
  });
});

describe('A worker that was forked', () => {
  it.each(['untyped', 'typed'])('has imported nothing by its first call (%s)', async (method) => {
    const client = await connect(directory, { entrypoint: 'imports', zygote: true });
    expect(await client.call(method)).toEqual([]);
    await client.close();
  });
});

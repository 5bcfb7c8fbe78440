// dispose(): graceful, then forced after 500 ms, and when it resolves nothing is left.
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { childrenOf, isAlive } from '../support/processes.js';
import { copyOfModule, linesOf, sharedModule } from '../support/scratch.js';
import { errorOf, timed, within } from '../support/waiting.js';

const raw = sharedModule('raw');

async function spawned(entrypoint: string, directory = raw): Promise<Synapse> {
  const synapse = new Synapse();
  await synapse.spawn(directory, entrypoint);
  return synapse;
}

describe('dispose()', () => {
  it('resolves before spawn', async () => {
    expect(await new Synapse().dispose()).toBeUndefined();
  });

  it('resolves twice, and twice at once', async () => {
    const synapse = await spawned('echo');
    await Promise.all([synapse.dispose(), synapse.dispose()]);
    await synapse.dispose();
  });

  it('resolves as soon as the process has gone, not after a fixed wait', async () => {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const synapse = await spawned('echo');
      await synapse.call(1);
      times.push((await timed(() => synapse.dispose())).ms);
    }
    // A fixed wait would be in all of them, a busy machine is hardly in the fastest.
    expect(Math.min(...times)).toBeLessThan(900);
  });

  it('has no process left when it resolves', async () => {
    const synapse = await spawned('deeds');
    const { pid, grandchild } = await synapse.call<{ pid: number; grandchild: number }>({
      do: 'grandchild',
    });
    await synapse.dispose();
    expect([isAlive(pid), isAlive(grandchild)]).toEqual([false, false]);
    expect(childrenOf(process.pid)).not.toContain(pid);
  });

  it('lets a polite script say goodbye', async () => {
    const directory = copyOfModule('raw');
    const synapse = await spawned('polite', directory);
    await synapse.call('x');
    await synapse.dispose();
    const notes = linesOf(join(directory, 'farewell.txt'));
    expect(notes).toContain('atexit');
    expect(notes.some((note) => note === 'end of input' || note === 'sigterm')).toBe(true);
  });

  it('kills a script that ignores SIGTERM, with its children and grandchildren', async () => {
    const synapse = await spawned('stubborn');
    const family = await synapse.call<number[]>('who');
    expect(family.map(isAlive)).toEqual([true, true, true]);
    const { ms } = await timed(() => synapse.dispose());
    expect(family.map(isAlive)).toEqual([false, false, false]);
    expect(ms).toBeGreaterThan(400);
    expect(ms).toBeLessThan(4000);
  });

  it('kills a script that spins', async () => {
    const synapse = await spawned('deeds');
    const { pid } = await synapse.call<{ pid: number }>({ do: 'facts' });
    const failure = errorOf(synapse.call({ do: 'spin' }));
    await within(2000, 'dispose', synapse.dispose());
    expect(isAlive(pid)).toBe(false);
    await failure;
  });

  it('rejects what is pending, running and queued, with an error', async () => {
    const synapse = await spawned('stubborn');
    const pending = ['hang', 'queued', 'queued too'].map((input) => errorOf(synapse.call(input)));
    const disposed = synapse.dispose();
    for (const failure of await within(1500, 'pending calls reject', Promise.all(pending))) {
      expect(['CLOSED', 'WORKER_EXITED']).toContain(failure.code);
    }
    await disposed;
  });

  it('allows a respawn, many times', async () => {
    const synapse = new Synapse();
    for (let round = 0; round < 5; round += 1) {
      await synapse.spawn(raw, 'echo');
      expect(await synapse.call(round)).toBe(round);
      await synapse.dispose();
    }
  });

  it('allows a respawn of another module', async () => {
    const synapse = await spawned('echo');
    await synapse.dispose();
    await synapse.spawn(raw, 'deeds');
    expect(await synapse.call({ do: 'count' })).toBe(1);
    await synapse.dispose();
  });

  it('does not let calls of the first life reach the second', async () => {
    const synapse = await spawned('deeds');
    const pending = errorOf(synapse.call({ do: 'sleep', seconds: 30 }));
    await synapse.dispose();
    await pending;
    await synapse.spawn(raw, 'deeds');
    expect(await synapse.call({ do: 'count' })).toBe(1);
    await synapse.dispose();
  });

  it('ends a spawn that is under way, and leaves no process', async () => {
    const synapse = new Synapse();
    const before = childrenOf(process.pid).filter(isAlive);
    const spawning = synapse.spawn(raw, 'never_reads').then(
      () => 'resolved',
      () => 'rejected',
    );
    await within(5000, 'dispose', synapse.dispose());
    expect(await within(1000, 'the spawn settles', spawning)).toBe('rejected');
    expect(childrenOf(process.pid).filter(isAlive)).toEqual(before);
  });

  it('resolves for a process that died before', async () => {
    const synapse = await spawned('deeds');
    await errorOf(synapse.call({ do: 'os_exit', code: 3 }));
    await within(1000, 'dispose', synapse.dispose());
  });

  it('prints nothing, also when it has to force', async () => {
    const printed: string[] = [];
    const { log } = console;
    console.log = (...words: unknown[]) => printed.push(words.join(' '));
    try {
      const synapse = await spawned('stubborn');
      await synapse.dispose();
    } finally {
      console.log = log;
    }
    expect(printed).toEqual([]);
  });
});

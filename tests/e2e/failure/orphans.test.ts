// Node is killed: no Python process stays, whatever it was doing, and none of its children.
import { describe, expect, it } from '@jest/globals';
import { Host, runHost } from '../support/host.js';
import { cpuTicks, hasFamily, isAlive } from '../support/processes.js';
import { sharedModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const burning = (pid: number): Promise<unknown> => {
  const before = cpuTicks(pid);
  return eventually('the worker burns', () => cpuTicks(pid) > before + 10);
};

describe('When Node is killed', () => {
  it.each([
    ['sleeps', 'sleep', [300]],
    ['spins in pure Python', 'spin', []],
    ['spins in C with the interpreter lock', 'spin_in_c', []],
    ['swallows every exception', 'swallow', []],
    ['waits on the event loop', 'async_sleep', [300]],
    ['idles', null, []],
  ])(
    'by SIGKILL while Python %s, nothing is left, grandchildren included',
    async (_, method, args) => {
      const host = new Host('busy.mjs', [sharedModule('native'), JSON.stringify([method, args])]);
      const family = await host.said<number[]>('family');
      expect(family.map(isAlive)).toEqual([true, true]);
      if (method?.startsWith('spin')) await burning(family[0] ?? 0);
      host.kill('SIGKILL');
      await host.ended;
      await eventually('the family has gone', () => !family.some(isAlive));
    },
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s, nothing is left either',
    async (signal) => {
      const host = new Host('busy.mjs', [sharedModule('native'), JSON.stringify(['spin', []])]);
      const family = await host.said<number[]>('family');
      await burning(family[0] ?? 0);
      host.kill(signal);
      expect((await host.ended).signal).toBe(signal);
      await eventually('the family has gone', () => !family.some(isAlive));
    },
  );

  it('with a raw script that ignores everything, nothing is left', async () => {
    const host = new Host('stubborn.mjs', [sharedModule('raw')]);
    const family = await host.said<number[]>('family');
    expect(family.map(isAlive)).toEqual([true, true, true]);
    host.kill('SIGKILL');
    await host.ended;
    await eventually('the family has gone', () => !family.some(isAlive));
  });
});

const manners = [
  'sleep',
  'spin',
  'spin_in_c',
  'backtrack',
  'swallow',
  'wait_for_lock',
  'wait_for_child',
  'fork_on_and_on',
  'await',
  'sleep',
];

/** A hundred workers, and three more processes with each, in ten hosts. */
describe('A hundred times of a hundred, when Node is killed', () => {
  it.each([
    ['its main thread', 'main', [0, 1, 2, 3, 4, 5]],
    ['a thread of its own', 'thread', [6, 7, 8, 9]],
  ])(
    'while it uses Synapse in %s, nothing is left of any worker and its descendants',
    async (_, where, rounds) => {
      for (const round of rounds) {
        const hosts = ['families.mjs', sharedModule('native'), JSON.stringify(manners), where];
        const [script = '', ...args] = hosts;
        const host = new Host(script, args);
        const families = await host.said<number[][]>('families');
        expect(families.map((family) => family.map(isAlive))).toEqual(
          manners.map(() => [true, true, true, true]),
        );
        const marked = families.map(([worker = 0]) => worker);
        host.kill('SIGKILL');
        await host.ended;
        await eventually(
          `all families of round ${round} have gone`,
          () => !families.flat().some(isAlive) && !marked.some(hasFamily),
        );
      }
    },
  );
});

describe('When Node simply ends', () => {
  it('process.exit() leaves nothing', async () => {
    const end = await runHost('forgetful.mjs', [sharedModule('native'), 'exit']);
    expect(end.code).toBe(3);
    await eventually('the worker has gone', () => !isAlive(Number(end.stdout)));
  });

  it('an uncaught error leaves nothing, and is reported as Node does', async () => {
    const end = await runHost('forgetful.mjs', [sharedModule('native'), 'throw']);
    expect(end.code).toBe(1);
    expect(end.stderr).toContain('forgot to catch');
    await eventually('the worker has gone', () => !isAlive(Number(end.stdout)));
  });

  it('a script that forgot to close ends by itself, with its worker', async () => {
    const end = await runHost('forgetful.mjs', [sharedModule('native'), 'nothing'], {
      withinMs: 15_000,
    });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    await eventually('the worker has gone', () => !isAlive(Number(end.stdout)));
  });

  it('a script that forgot to dispose of a raw instance ends by itself too', async () => {
    const end = await runHost('forgetful.mjs', [sharedModule('raw'), 'raw'], { withinMs: 15_000 });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    await eventually('the script has gone', () => !isAlive(Number(end.stdout)));
  });

  it('a script with a call under way waits for its answer', async () => {
    const end = await runHost('forgetful.mjs', [sharedModule('native'), 'call'], {
      withinMs: 15_000,
    });
    expect(end).toMatchObject({ code: 0, stdout: 'answered rested\n' });
  });
});

describe('A child that has left the process group of its worker', () => {
  it.each([
    ['for a group of its own', 'group', 'stay'],
    ['for a group of its own', 'group', 'exit'],
    ['for a group of its own', 'group', 'close'],
    ['for a group of its own', 'group', 'terminate'],
    ['for a session of its own', 'session', 'stay'],
    ['for a session of its own', 'session', 'exit'],
    ['for a session of its own', 'session', 'close'],
    ['for a session of its own', 'session', 'terminate'],
  ])('%s goes too (%s), when the host ends by %s', async (_, where, manner) => {
    const host = new Host('strays.mjs', [sharedModule('native'), where, manner]);
    const family = await host.said<number[]>('family');
    // The warm process finds its descendants wherever they went; without it, sessions are a way out.
    expect(await host.said('zygote')).toBe('ready');
    if (manner === 'stay') host.kill('SIGKILL');
    await host.ended;
    await eventually('the family has gone', () => !family.some(isAlive));
  });
});

describe('When a thread that uses Synapse ends, and its process goes on', () => {
  it.each(['exit', 'throw', 'terminate', 'end'])(
    'by %s, nothing of its workers is left',
    async (manner) => {
      const host = new Host('thread-ends.mjs', [sharedModule('native'), manner]);
      const family = await host.said<number[]>('family');
      await host.said('over');
      await eventually('the family has gone', () => !family.some(isAlive));
      expect(isAlive(host.pid)).toBe(true);
      host.kill('SIGKILL');
      await host.ended;
    },
  );
});

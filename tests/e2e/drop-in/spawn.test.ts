// spawn(): its checks and their order, the paths it must stand, and that many spawns share one build.
import { mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { Host } from '../support/host.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { copyOfModule, newFolder, newModule, sharedModule } from '../support/scratch.js';
import { errorOf, eventually, timed, within } from '../support/waiting.js';

// Reads its channel with the standard library alone, so that its environment is the cheapest there is.
const BYTES_ECHO = `
import sys
while head := sys.stdin.buffer.read(4):
    payload = sys.stdin.buffer.read(int.from_bytes(head, "little"))
    sys.stdout.buffer.write(head + payload)
    sys.stdout.buffer.flush()
`;
const cheapModule = (as: string): string =>
  newModule({ 'requirements.txt': '', 'main.py': BYTES_ECHO }, as);

const open: Synapse[] = [];
const newSynapse = (): Synapse => {
  const synapse = new Synapse();
  open.push(synapse);
  return synapse;
};
afterEach(() => Promise.all(open.splice(0).map((synapse) => synapse.dispose())));

describe('spawn() checks what it is given', () => {
  it('names the directory exactly as it was given', async () => {
    for (const given of ['nowhere', './nowhere/', '../no where', '/nowhere/ünïcode', '']) {
      const error = await errorOf(newSynapse().spawn(given, 'main'));
      expect(error.message).toBe(`Directory "${given}" does not exist.`);
    }
  });

  it('names the entrypoint with its .py, once', async () => {
    const directory = sharedModule('raw');
    expect((await errorOf(newSynapse().spawn(directory, 'lost'))).message).toBe(
      'Entrypoint "lost.py" does not exist.',
    );
    expect((await errorOf(newSynapse().spawn(directory, 'lost.py'))).message).toBe(
      'Entrypoint "lost.py" does not exist.',
    );
  });

  it('looks for the directory first, the entrypoint second, requirements.txt last', async () => {
    const empty = newFolder();
    expect((await errorOf(newSynapse().spawn(join(empty, 'x'), 'lost'))).message).toBe(
      `Directory "${join(empty, 'x')}" does not exist.`,
    );
    expect((await errorOf(newSynapse().spawn(empty, 'lost'))).message).toBe(
      'Entrypoint "lost.py" does not exist.',
    );
    writeFileSync(join(empty, 'main.py'), '');
    expect((await errorOf(newSynapse().spawn(empty, 'main'))).message).toBe(
      '"requirements.txt" file is missing.',
    );
  });

  it('insists on requirements.txt even when a pyproject.toml lists the dependencies', async () => {
    const error = await errorOf(newSynapse().spawn(sharedModule('configured'), 'app/serve'));
    expect(error.message).toBe('"requirements.txt" file is missing.');
  });

  it('rejects, and never throws, whatever is wrong', () => {
    let promise: Promise<void> | undefined;
    expect(() => {
      promise = newSynapse().spawn('nowhere', 'main');
    }).not.toThrow();
    return expect(promise).rejects.toBeInstanceOf(Error);
  });

  it('leaves no environment behind when its checks fail', async () => {
    const bare = newModule({ 'main.py': '' });
    await errorOf(newSynapse().spawn(bare, 'main'));
    expect(() => statSync(join(bare, '.venv'))).toThrow('ENOENT');
  });

  it('can be tried again after a failure, with better arguments', async () => {
    const synapse = newSynapse();
    await errorOf(synapse.spawn('nowhere', 'main'));
    await synapse.spawn(sharedModule('raw'), 'echo');
    expect(await synapse.call(1)).toBe(1);
  });
});

describe('spawn() starts the module', () => {
  it('takes the entrypoint with .py or without', async () => {
    for (const entrypoint of ['echo', 'echo.py']) {
      const synapse = newSynapse();
      await synapse.spawn(sharedModule('raw'), entrypoint);
      expect(await synapse.call(entrypoint)).toBe(entrypoint);
    }
  });

  it('resolves with undefined', async () => {
    expect(await newSynapse().spawn(sharedModule('raw'), 'echo')).toBeUndefined();
  });

  it('does nothing when the instance is spawned already, even with other arguments', async () => {
    const synapse = newSynapse();
    await synapse.spawn(sharedModule('raw'), 'deeds');
    const { pid } = await synapse.call<{ pid: number }>({ do: 'facts' });
    await synapse.spawn(sharedModule('raw'), 'deeds');
    await synapse.spawn('nowhere', 'at all');
    expect((await synapse.call<{ pid: number }>({ do: 'facts' })).pid).toBe(pid);
  });

  it('starts one process when it is called twice at once on one instance', async () => {
    const synapse = newSynapse();
    const before = childrenOf(process.pid).filter(isAlive).length;
    await Promise.all([
      synapse.spawn(sharedModule('raw'), 'deeds'),
      synapse.spawn(sharedModule('raw'), 'deeds'),
    ]);
    expect(await synapse.call({ do: 'count' })).toBe(1);
    expect(childrenOf(process.pid).filter(isAlive).length).toBe(before + 1);
  });

  it('puts the environment at .venv beside the module', async () => {
    const directory = cheapModule('plain');
    await newSynapse().spawn(directory, 'main');
    expect(statSync(join(directory, '.venv/bin/python')).isFile()).toBe(true);
  });

  it('starts a module whose environment is ready at once', async () => {
    await newSynapse().spawn(sharedModule('raw'), 'echo');
    const { ms } = await timed(() => newSynapse().spawn(sharedModule('raw'), 'echo'));
    expect(ms).toBeLessThan(4000);
  });

  it.each([
    'with spaces in it',
    'ünïcödé-日本語-🐍',
    'quote\'s "and" $HOME `sub` & ; #',
    '-starts-with-a-dash',
    'percent%20and%s',
  ])('works in a folder called %j', async (name) => {
    const directory = cheapModule(name);
    const synapse = newSynapse();
    await synapse.spawn(directory, 'main');
    expect(await synapse.call(name)).toBe(name);
  });

  it('works with an entrypoint whose name has spaces and unicode', async () => {
    const directory = newModule({ 'requirements.txt': '', 'mäin script.py': BYTES_ECHO });
    const synapse = newSynapse();
    await synapse.spawn(directory, 'mäin script');
    expect(await synapse.call('ok')).toBe('ok');
  });

  it('works with a relative path', async () => {
    const synapse = newSynapse();
    await synapse.spawn(relative(process.cwd(), sharedModule('raw')), 'echo');
    expect(await synapse.call('here')).toBe('here');
  });

  it('works with a trailing slash and dots in the path', async () => {
    const directory = sharedModule('raw');
    const synapse = newSynapse();
    await synapse.spawn(`${dirname(directory)}/./${basename(directory)}/`, 'echo');
    expect(await synapse.call('here')).toBe('here');
  });

  it('works through a symbolic link, and shares the environment of the real folder', async () => {
    const directory = cheapModule('real');
    const link = join(newFolder(), 'link');
    symlinkSync(directory, link);
    const direct = newSynapse();
    await direct.spawn(directory, 'main');
    const marker = statSync(join(directory, '.venv')).ino;
    const linked = newSynapse();
    const { ms } = await timed(() => linked.spawn(link, 'main'));
    expect(await linked.call('through')).toBe('through');
    expect(statSync(join(directory, '.venv')).ino).toBe(marker);
    expect(ms).toBeLessThan(4000);
  });

  it('works in a folder that was moved after its environment had been built', async () => {
    const directory = cheapModule('before');
    const first = newSynapse();
    await first.spawn(directory, 'main');
    await first.dispose();
    const moved = join(dirname(directory), 'after');
    renameSync(directory, moved);
    const second = newSynapse();
    await second.spawn(moved, 'main');
    expect(await second.call('moved')).toBe('moved');
  });

  it('rebuilds an environment that half a build left behind', async () => {
    const directory = cheapModule('half');
    mkdirSync(join(directory, '.venv'));
    const finished = newSynapse();
    // An empty .venv without any marker is nobody's work worth keeping, or the user's: either way the spawn must serve.
    await finished.spawn(directory, 'main');
    expect(await finished.call('whole')).toBe('whole');
  });
});

describe('spawn() takes options', () => {
  it('gives up when its signal aborts, and leaves no process', async () => {
    const directory = copyOfModule('raw');
    await newSynapse().spawn(directory, 'echo');
    const stop = new AbortController();
    const synapse = newSynapse();
    const spawned = synapse.spawn(directory, 'never_reads', { signal: stop.signal });
    const failure = errorOf(spawned);
    const pidFile = join(directory, 'never_reads.pid');
    const pid = Number(
      await eventually('the script runs', () => {
        try {
          return readFileSync(pidFile, 'utf8');
        } catch {
          return '';
        }
      }),
    );
    stop.abort(new Error('changed my mind'));
    expect((await within(5000, 'spawn rejects', failure)).name).toBe('AbortError');
    await eventually('the process has gone', () => !isAlive(pid));
  });

  it('refuses at once when the signal is aborted before', async () => {
    const failure = await errorOf(
      newSynapse().spawn(sharedModule('raw'), 'echo', { signal: AbortSignal.abort() }),
    );
    expect(failure.name).toBe('AbortError');
  });

  it('gives up after timeoutMs on a script that never reads', async () => {
    const directory = sharedModule('raw');
    const { value, ms } = await timed(() =>
      errorOf(newSynapse().spawn(directory, 'never_reads', { timeoutMs: 700 })),
    );
    expect(value.message).toMatch(/700 ?ms/);
    expect(ms).toBeLessThan(5000);
  });
});

describe('Many spawns of one directory share one build', () => {
  it('in one process', async () => {
    const directory = copyOfModule('raw');
    const crowd = Array.from({ length: 6 }, newSynapse);
    await Promise.all(crowd.map((synapse) => synapse.spawn(directory, 'echo')));
    expect(await Promise.all(crowd.map((synapse, n) => synapse.call(n)))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });

  it('in two processes, which start while there is nothing', async () => {
    const directory = copyOfModule('raw');
    const hosts = [
      new Host('spawn.mjs', [directory, 'echo']),
      new Host('spawn.mjs', [directory, 'echo']),
    ];
    const inodes = await Promise.all(hosts.map((host) => host.said<number>('venv')));
    expect(inodes[0]).toBe(inodes[1]);
    const replies = await Promise.all(hosts.map((host) => host.said<string>('reply')));
    expect(replies).toEqual(['hello', 'hello']);
    for (const host of hosts) expect((await host.ended).code).toBe(0);
  });
});

/** What an edit leads to, with a watched folder and in the place of environments and workers a recorder. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleStartError } from '../../../src/core/errors.js';
import { isDeveloped } from '../../../src/node/connect/development.js';
import { type ReloadOptions, reloadOnEdit, wantsWatch } from '../../../src/node/connect/reload.js';
import { ModuleWatcher } from '../../../src/node/connect/watch.js';
import type { LogRecord } from '../../../src/node/supervisor/connection/log-record.js';
import { eventually } from '../support/waiting.js';

const SPAWN = { command: 'python', args: [] };

let folder: string;
let watcher: ModuleWatcher;
let logs: LogRecord[];
/** What was asked for, in order. */
let steps: string[];
let prepare: (signal: AbortSignal) => Promise<void>;
let reload: () => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'synapse-reload-'));
  save('main.py', '');
  logs = [];
  steps = [];
  prepare = async () => undefined;
  reload = async () => undefined;
  await watch({});
});

async function watch(options: Pick<ReloadOptions, 'developed'>): Promise<void> {
  watcher = await ModuleWatcher.open(folder);
  reloadOnEdit(watcher, {
    ...options,
    onLog: (record) => logs.push(record),
    async prepare(signal) {
      steps.push('prepare');
      await prepare(signal);
      return SPAWN;
    },
    async reload(spawn) {
      steps.push(spawn === SPAWN ? 'reload with new spawn' : 'reload');
      await reload();
    },
  });
}

afterEach(() => {
  watcher.close();
  rmSync(folder, { recursive: true });
});

function save(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const logged = (count: number): Promise<unknown> =>
  eventually(`${count} records`, () => logs.length >= count);

describe('An edit', () => {
  it('of Python reloads and says so', async () => {
    save('main.py', 'two');
    await logged(1);
    expect(steps).toEqual(['reload']);
    expect(logs).toEqual([
      { source: 'runtime', level: 'INFO', message: 'Reloaded: main.py changed.', pid: undefined },
    ]);
  });

  it('of requirements makes the environment ready first', async () => {
    save('requirements.txt', 'idna');
    await logged(1);
    expect(steps).toEqual(['prepare', 'reload with new spawn']);
  });

  it('whose environment cannot be had is tried again with the next one, whatever that changes', async () => {
    prepare = () => Promise.reject(new Error('no such package: idnaaa\n\nsays uv'));
    save('requirements.txt', 'idnaaa');
    await logged(1);
    expect(steps).toEqual(['prepare']);
    expect(logs[0]).toMatchObject({ source: 'runtime', level: 'ERROR' });
    expect(logs[0]?.message).toMatch(/^no such package: idnaaa\n\nsays uv\nNot reloaded: /);
    prepare = async () => undefined;
    save('main.py', 'two');
    await logged(2);
    expect(steps).toEqual(['prepare', 'prepare', 'reload with new spawn']);
    save('main.py', 'three');
    await logged(3);
    expect(steps.at(-1)).toBe('reload');
  });

  it('that breaks the module is told with its place in Python', async () => {
    const exit = { exitCode: 1, signal: null, stderrTail: '' };
    const details = { file: '/pricing/main.py', line: 3 };
    reload = () =>
      Promise.reject(
        new ModuleStartError('It could not start: bad\n\nTraceback…', exit, { details }),
      );
    save('main.py', 'two');
    await logged(1);
    expect(logs).toEqual([
      {
        ...{ source: 'runtime', level: 'ERROR', pid: undefined, file: '/pricing/main.py', line: 3 },
        message:
          '/pricing/main.py:3: It could not start: bad\n' +
          'Not reloaded: the workers from before the edit go on.',
      },
    ]);
  });

  it('beside synapse dev, which says so itself, leaves only what became of the workers to say', async () => {
    watcher.close();
    await watch({ developed: true });
    const exit = { exitCode: 1, signal: null, stderrTail: '' };
    const details = { file: '/pricing/main.py', line: 3 };
    reload = () =>
      Promise.reject(new ModuleStartError('It could not start: bad', exit, { details }));
    save('main.py', 'two');
    await logged(1);
    expect(logs[0]?.message).toBe('Not reloaded: the workers from before the edit go on.');
    reload = () => Promise.reject(new Error('no memory left'));
    save('main.py', 'three');
    await logged(2);
    expect(logs[1]?.message).toContain('no memory left');
  });

  it('overtakes one that is still being prepared', async () => {
    let overtaken = false;
    prepare = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          overtaken = true;
          reject(new Error('given up'));
        });
      });
    save('requirements.txt', 'slow');
    await eventually('it is prepared', () => steps.length === 1);
    prepare = async () => undefined;
    save('requirements.txt', 'quick');
    await logged(1);
    expect(overtaken).toBe(true);
    expect(steps).toEqual(['prepare', 'prepare', 'reload with new spawn']);
    expect(logs.map(({ level }) => level)).toEqual(['INFO']);
  });

  it('overtakes one whose workers are still starting, and is told alone', async () => {
    let fail: (error: Error) => void = () => undefined;
    reload = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    save('main.py', 'stuck');
    await eventually('it is started', () => steps.length === 1);
    reload = async () => fail(new Error('stopped early'));
    save('main.py', 'mended');
    await logged(1);
    expect(logs.map(({ level }) => level)).toEqual(['INFO']);
  });

  it('is given up when the client is closed, without a word', async () => {
    const givenUp = new Promise<void>((resolve) => {
      prepare = (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('given up'));
            resolve();
          });
        });
    });
    save('pyproject.toml', 'x');
    await eventually('it is prepared', () => steps.length === 1);
    watcher.close();
    await givenUp;
    await new Promise((resume) => setImmediate(resume));
    expect(logs).toEqual([]);
    expect(steps).toEqual(['prepare']);
  });
});

it('A module that synapse dev looks after is known by its real folder', () => {
  const environment = { SYNAPSE_DEV: ['/elsewhere', realpathSync(folder)].join(delimiter) };
  expect(isDeveloped(join(folder, '.'), environment)).toBe(true);
  expect(isDeveloped(tmpdir(), environment)).toBe(false);
  expect(isDeveloped(folder, {})).toBe(false);
});

it('Watching is asked for by the option, else by the environment', () => {
  process.env.SYNAPSE_WATCH = '1';
  try {
    expect([wantsWatch(undefined), wantsWatch(false)]).toEqual([true, false]);
  } finally {
    delete process.env.SYNAPSE_WATCH;
  }
  expect([wantsWatch(undefined), wantsWatch(true)]).toEqual([false, true]);
});

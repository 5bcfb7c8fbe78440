import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reloadOnChange, wantsWatch } from '../../../src/node/connect/reload.js';
import { ModuleWatcher } from '../../../src/node/connect/watch.js';
import type { LogRecord } from '../../../src/node/supervisor/log-record.js';
import { eventually } from '../support/waiting.js';

let folder: string;
let watcher: ModuleWatcher;
let told: string[][];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'synapse-watch-'));
  for (const inner of ['lib', '.venv', 'env', '__pycache__']) mkdirSync(join(folder, inner));
  writeFileSync(join(folder, 'env/pyvenv.cfg'), '');
  write('main.py', 'one');
  watcher = await ModuleWatcher.open(folder);
  told = [];
});
afterEach(() => {
  watcher.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const start = (): void => watcher.start(async (files) => void told.push([...files].sort()));

describe('A watcher', () => {
  it('tells what changed, together, and not what is none of the module', async () => {
    start();
    for (const name of ['.venv/a.py', 'env/b.py', '__pycache__/c.py', '.hidden.txt', 'notes.md']) {
      write(name, 'x');
    }
    write('main.py', 'three');
    write('lib/deep.py', 'x');
    write('requirements.txt', 'x');
    await eventually('a change', () => told.length > 0);
    expect(told).toEqual([['lib/deep.py', 'main.py', 'requirements.txt']]);
  });

  it('sees files that are replaced, as editors do, and files that go', async () => {
    start();
    write('main.py~', 'two');
    renameSync(join(folder, 'main.py~'), join(folder, 'main.py'));
    await eventually('the replacement', () => told.length === 1);
    rmSync(join(folder, 'main.py'));
    await eventually('the removal', () => told.length === 2);
    expect(told).toEqual([['main.py'], ['main.py']]);
  });

  it('tells of changes that come while it is told of others once those are dealt with', async () => {
    let finish: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => {
      finish = resolve;
    });
    watcher.start(async (files) => {
      told.push([...files]);
      await busy;
    });
    write('main.py', 'three');
    await eventually('the first change', () => told.length === 1);
    write('lib/more.py', 'x');
    write('main.py', 'fourth');
    expect(told).toHaveLength(1);
    finish();
    await eventually('the second change', () => told.length === 2);
    expect(told[1]?.sort()).toEqual(['lib/more.py', 'main.py']);
  });

  it('is asked for by the option, else by the environment', () => {
    process.env.SYNAPSE_WATCH = '1';
    try {
      expect([wantsWatch(undefined), wantsWatch(false)]).toEqual([true, false]);
    } finally {
      delete process.env.SYNAPSE_WATCH;
    }
    expect([wantsWatch(undefined), wantsWatch(true)]).toEqual([false, true]);
  });
});

describe('A reload', () => {
  it('says what it did, and why it could not', async () => {
    const logs: LogRecord[] = [];
    let broken = true;
    reloadOnChange(watcher, {
      name: 'pricing',
      onLog: (record) => logs.push(record),
      reload: async () => {
        if (broken) throw new Error('main.py: SyntaxError');
      },
    });
    write('main.py', 'broken');
    await eventually('the failure', () => logs.length === 1);
    broken = false;
    write('main.py', 'mended again');
    await eventually('the success', () => logs.length === 2);
    expect(logs[0]).toMatchObject({ source: 'runtime', level: 'ERROR' });
    expect(logs[0]?.message).toMatch(/main\.py changed.*go on\.\nmain\.py: SyntaxError/);
    expect(logs[1]).toMatchObject({
      level: 'INFO',
      message: 'Reloaded "pricing": main.py changed.',
    });
  });
});

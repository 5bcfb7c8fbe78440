import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleWatcher, shapesLaunch } from '../../../src/node/connect/watch.js';
import { eventually } from '../support/waiting.js';

let folder: string;
let watcher: ModuleWatcher;
let told: string[][];
let ended: Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'synapse-watch-'));
  write('main.py', 'one');
  write('env/pyvenv.cfg', '');
  watcher = await ModuleWatcher.open(folder);
  told = [];
  ended = watcher.run((files) => void told.push([...files].sort()));
});
afterEach(async () => {
  watcher.close();
  await ended;
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const edits = (count: number): Promise<unknown> =>
  eventually(`${count} edits`, () => told.length >= count);

describe('A watcher', () => {
  it('tells what was saved together as one edit', async () => {
    write('main.py', 'two');
    write('lib/deep.py', 'x');
    write('requirements-gpu.txt', 'x');
    write('pyproject.toml', 'x');
    await edits(1);
    expect(told).toEqual([['lib/deep.py', 'main.py', 'pyproject.toml', 'requirements-gpu.txt']]);
  });

  it('looks past what is none of the module', async () => {
    const foreign = [
      '.venv/a.py',
      'env/b.py',
      '__pycache__/c.py',
      'node_modules/d/e.py',
      'lib/site-packages/f.py',
      '.hidden.py',
      'notes.md',
      'main.pyc',
    ];
    for (const name of foreign) write(name, 'x');
    write('last.py', 'x');
    await edits(1);
    expect(told).toEqual([['last.py']]);
  });

  it('sees a file that takes the place of another, as editors save', async () => {
    write('main.py~', 'two');
    renameSync(join(folder, 'main.py~'), join(folder, 'main.py'));
    await edits(1);
    expect(told).toEqual([['main.py']]);
  });

  it('sees an edit that keeps size and time', async () => {
    const { atime, mtime } = statSync(join(folder, 'main.py'));
    write('main.py', 'two');
    utimesSync(join(folder, 'main.py'), atime, mtime);
    await edits(1);
    expect(told).toEqual([['main.py']]);
  });

  it('sees files that go, and that come back', async () => {
    rmSync(join(folder, 'main.py'));
    await edits(1);
    write('main.py', 'one');
    await edits(2);
    expect(told).toEqual([['main.py'], ['main.py']]);
  });

  it('follows links, and none in circles', async () => {
    mkdirSync(join(folder, '.elsewhere'));
    symlinkSync(join(folder, '.elsewhere'), join(folder, 'linked'));
    symlinkSync(folder, join(folder, 'circle'));
    write('.elsewhere/shared.py', 'x');
    await edits(1);
    expect(told).toEqual([['linked/shared.py']]);
  });

  it('survives the folder itself', async () => {
    renameSync(folder, `${folder}-away`);
    await edits(1);
    renameSync(`${folder}-away`, folder);
    await edits(2);
    expect(told).toEqual([['main.py'], ['main.py']]);
  });

  it('ends when it is closed', async () => {
    watcher.close();
    write('main.py', 'two');
    await ended;
    expect(watcher.signal.aborted).toBe(true);
    expect(told).toEqual([]);
  });
});

it.each([
  ['main.py', false],
  ['requirements.txt', true],
  ['sub/requirements-dev.in', true],
  ['pyproject.toml', true],
  ['requirements/notes.py', false],
  ['my_requirements.py', false],
])('knows whether %s can change the environment: %s', (file, expected) => {
  expect(shapesLaunch(file)).toBe(expected);
});

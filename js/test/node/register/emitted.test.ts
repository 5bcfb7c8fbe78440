import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmittedCache } from '../../../src/node/register/emitted-cache.js';
import { fingerprint } from '../../../src/node/register/fingerprint.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'synapse-emitted-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('The fingerprint of a module', () => {
  const now = (runtime = 'r'): string => fingerprint(join(root, 'main.py'), runtime);

  beforeEach(() => write('main.py', 'x = 1'));

  it.each([
    ['the entrypoint', 'main.py', 'x = 2'],
    ['another file', 'inner/part.py', 'y = 1'],
    ['its settings', 'pyproject.toml', '[tool.synapse]'],
    ['its requirements', 'requirements.txt', 'numpy'],
    ['its environment', '.venv/synapse.json', '{}'],
  ])('changes with %s', (_, path, text) => {
    const before = now();
    write(path, text);
    expect(now()).not.toBe(before);
  });

  it('changes with a linked folder, and survives links in a circle', () => {
    const shared = mkdtempSync(join(tmpdir(), 'synapse-shared-'));
    writeFileSync(join(shared, 'shared.py'), 'a = 1');
    symlinkSync(shared, join(root, 'shared'));
    symlinkSync(root, join(root, 'circle'));
    const before = now();
    writeFileSync(join(shared, 'shared.py'), 'a = 2');
    expect(now()).not.toBe(before);
    rmSync(shared, { recursive: true });
  });

  it.each(['.venv/lib/x.py', 'node_modules/x.py', '__pycache__/x.py', 'data.csv'])(
    'does not change with %s',
    (path) => {
      const before = now();
      write(path, 'z');
      expect(now()).toBe(before);
    },
  );

  it('differs between releases, entrypoints and folders', () => {
    const other = fingerprint(join(root, 'other.py'), 'r');
    const elsewhere = fingerprint(join(root, 'inner', 'main.py'), 'r');
    expect(new Set([now('r'), now('s'), other, elsewhere]).size).toBe(4);
  });
});

describe('The cache of emitted code', () => {
  it('returns what it was given, by fingerprint', () => {
    const cache = new EmittedCache(join(root, 'deep', 'register'));
    cache.set('a', 'code of a');
    expect(cache.get('a')).toBe('code of a');
    expect(cache.get('b')).toBeUndefined();
    expect(readdirSync(join(root, 'deep', 'register'))).toEqual(['a.js']);
  });

  it('does without a folder that cannot be written', () => {
    write('blocked', 'a file, not a folder');
    const cache = new EmittedCache(join(root, 'blocked'));
    cache.set('a', 'code');
    expect(cache.get('a')).toBeUndefined();
  });

  it('keeps the 256 used last', () => {
    const cache = new EmittedCache(root);
    for (let index = 0; index < 256; index++) {
      write(`old-${index}.js`, 'x');
      utimesSync(join(root, `old-${index}.js`), 1_000 + index, 1_000 + index);
    }
    expect(cache.get('old-0')).toBe('x'); // used: no longer the oldest
    cache.set('new', 'code');
    const names = readdirSync(root);
    expect(names).toHaveLength(256);
    expect(names).toContain('new.js');
    expect(names).toContain('old-0.js');
    expect(names).not.toContain('old-1.js');
  });
});

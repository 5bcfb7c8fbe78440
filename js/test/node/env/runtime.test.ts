import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findInterpreter, type Interpreter } from '../../../src/node/env/interpreter.js';
import { cacheFolder, unpackRuntime } from '../../../src/node/env/runtime.js';
import { temporaryFolder } from './temporary.js';

const MAKE_WHEEL = `
import sys, zipfile
files = {"synapse_worker/__main__.py": "print('here')", "synapse_worker/_templates/ü.txt": "data"}
record = [f"{name},sha256=unread,{len(text)}" for name, text in files.items()]
files["our-1.0.dist-info/RECORD"] = "\\n".join([*record, "our-1.0.dist-info/RECORD,,", ""])
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, text in files.items():
        wheel.writestr(name, text)
`;

const kept = { ...process.env };
let cache: string;
let runtime: string;
let python: Interpreter;
let name: string;

beforeEach(async () => {
  python = await findInterpreter();
  const folder = await temporaryFolder();
  [cache, runtime] = [join(folder, 'cache'), join(folder, 'runtime')];
  await mkdir(runtime);
  execFileSync(python.path, ['-I', '-c', MAKE_WHEEL, join(runtime, 'our-1.0-py3-none-any.whl')]);
  const digest = createHash('sha256').update(
    await readFile(join(runtime, 'our-1.0-py3-none-any.whl')),
  );
  const sha256 = digest.digest('hex');
  name = sha256.slice(0, 16);
  await writeFile(
    join(runtime, 'manifest.json'),
    JSON.stringify({ version: '0.1.0', wheel: { file: 'our-1.0-py3-none-any.whl', sha256 } }),
  );
  Object.assign(process.env, { SYNAPSE_RUNTIME_DIR: runtime, SYNAPSE_CACHE_DIR: cache });
});

afterEach(() => {
  for (const key of ['SYNAPSE_RUNTIME_DIR', 'SYNAPSE_CACHE_DIR']) {
    delete process.env[key];
    if (kept[key] !== undefined) process.env[key] = kept[key];
  }
});

test('the wheel is unpacked under its hash, with its data files', async () => {
  const target = await unpackRuntime(python);
  expect(target).toBe(join(cache, 'runtime', name));
  expect(await readFile(join(target, 'synapse_worker', '_templates', 'ü.txt'), 'utf8')).toBe(
    'data',
  );
});

test('many who unpack at once all succeed and leave one folder', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => unpackRuntime(python)));
  expect(new Set(all)).toEqual(new Set([join(cache, 'runtime', name)]));
  expect(await readdir(join(cache, 'runtime'))).toEqual([name]);
});

test('what is unpacked already is used without starting Python', async () => {
  await unpackRuntime(python);
  const nobody = { path: '/no/such/python', version: '3.11.7' };
  expect(await unpackRuntime(nobody)).toBe(join(cache, 'runtime', name));
});

test.each(['synapse_worker/__main__.py', 'synapse_worker/_templates/ü.txt', 'our-1.0.dist-info'])(
  'a folder that lost %s is unpacked again, by many at once as well',
  async (lost) => {
    const target = await unpackRuntime(python);
    await rm(join(target, lost), { recursive: true });
    await Promise.all(Array.from({ length: 4 }, () => unpackRuntime(python)));
    await access(join(target, lost));
    expect(await readdir(join(cache, 'runtime'))).toEqual([name]);
  },
);

test('a folder with a file cut short is unpacked again', async () => {
  const target = await unpackRuntime(python);
  const path = join(target, 'synapse_worker', '__main__.py');
  await writeFile(path, '');
  await unpackRuntime(python);
  expect(await readFile(path, 'utf8')).toBe("print('here')");
});

test('a damaged wheel is refused', async () => {
  await writeFile(join(runtime, 'our-1.0-py3-none-any.whl'), 'not a zip');
  await expect(unpackRuntime(python)).rejects.toMatchObject({
    name: 'EnvironmentError',
    message: expect.stringContaining('our-1.0-py3-none-any.whl is damaged'),
  });
  expect(await readdir(cache).catch(() => [])).toEqual([]);
});

test('a cache that cannot be written is named, with the way around', async () => {
  await writeFile(cache, 'a file where the folder should be');
  await expect(unpackRuntime(python)).rejects.toMatchObject({
    code: 'ENVIRONMENT_UNWRITABLE',
    hint: expect.stringContaining('SYNAPSE_CACHE_DIR'),
  });
});

test('a package without its runtime folder says how to get it', async () => {
  process.env.SYNAPSE_RUNTIME_DIR = join(runtime, 'missing');
  await expect(unpackRuntime(python)).rejects.toMatchObject({
    code: 'BUILD_FAILED',
    hint: expect.stringContaining('make runtime'),
  });
});

test('the cache lies where the user says, else where the system keeps caches', () => {
  expect(cacheFolder({ SYNAPSE_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/synapse-worker');
  expect(cacheFolder({})).toMatch(/\/\.cache\/synapse-worker$/);
  // Tools run in the module's folder: theirs would be another.
  expect(cacheFolder({ SYNAPSE_CACHE_DIR: 'c' })).toBe(join(process.cwd(), 'c'));
  expect(cacheFolder({ XDG_CACHE_HOME: 'x' })).toBe(join(process.cwd(), 'x/synapse-worker'));
});

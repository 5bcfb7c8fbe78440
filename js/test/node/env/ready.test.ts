// What an environment that is ready costs: counted in file operations, as time says more of the machine.
import { createHash } from 'node:crypto';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { ensureEnvironment } from '../../../src/node/env/index.js';
import { placeEnvironment } from './ready-environment.js';
import { temporaryFolder } from './temporary.js';

type FileSystem = typeof import('node:fs/promises');

const OPTIONS = { dialect: 'native', progress: 'silent' } as const;
const ENVIRONMENT = { ...process.env };

let ensure: typeof ensureEnvironment;
let operations: string[];
/** The folder that this user cannot write. */
let denied: string | undefined;
let root: string;
let directory: string;
/** The interpreter that environments are made with. */
let base: string;

beforeAll(() => {
  jest.doMock('node:fs/promises', () => {
    const real = jest.requireActual<FileSystem>('node:fs/promises');
    const counted = Object.entries(real).map(([name, member]) => [
      name,
      typeof member !== 'function' ? member : count(name, member as Operation),
    ]);
    return Object.fromEntries(counted);
  });
  jest.doMock('node:child_process', () => ({
    spawn: () => {
      throw new Error('a process was started');
    },
    execFile: () => {
      throw new Error('a process was started');
    },
  }));
  jest.isolateModules(() => {
    ensure = jest.requireActual<{ ensureEnvironment: typeof ensureEnvironment }>(
      '../../../src/node/env/index',
    ).ensureEnvironment;
  });
});

afterAll(() => {
  jest.dontMock('node:fs/promises').dontMock('node:child_process');
  process.env = ENVIRONMENT;
});

beforeEach(async () => {
  root = await realpath(await temporaryFolder());
  directory = join(root, 'module');
  base = join(root, 'base');
  denied = undefined;
  process.env.SYNAPSE_RUNTIME_DIR = join(root, 'runtime');
  process.env.SYNAPSE_CACHE_DIR = join(root, 'cache');
  await mkdir(join(root, 'runtime'));
  const wheel = { file: 'ours.whl', sha256: 'ours' };
  await write('runtime/manifest.json', JSON.stringify({ version: '0.1.0', wheel }));
});

type Operation = (path: unknown, ...rest: unknown[]) => unknown;

function count(name: string, operation: Operation): Operation {
  return (path, ...rest) => {
    operations?.push(`${name} ${String(path).replace(`${root}/`, '')}`);
    if (name === 'access' && path === denied && rest.length > 0) return Promise.reject(new Error());
    return operation(path, ...rest);
  };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
}

const cachedHome = (): string =>
  `cache/environments/${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`;

test('beside the module it costs nine file operations and no process', async () => {
  await placeEnvironment(directory, base);
  operations = [];
  const launch = await ensure(directory, OPTIONS);
  expect(launch.python).toBe(join(directory, '.venv/bin/python'));
  expect(operations.sort()).toEqual([
    'access module/.venv/bin/python',
    'access module/.venv/launch.py',
    'readFile module/.venv/synapse.json',
    'readFile module/requirements.txt',
    'readFile runtime/manifest.json',
    'realpath module',
    'stat base',
    'stat module/pyproject.toml',
    'stat module/requirements.txt',
  ]);
  operations = [];
  await ensure(directory, OPTIONS);
  // The manifest is read once a process.
  expect(operations).toHaveLength(8);
});

test('in the cache it costs two more, where the module’s folder cannot be written', async () => {
  await placeEnvironment(directory, base, join(root, cachedHome()));
  denied = directory;
  operations = [];
  const launch = await ensure(directory, OPTIONS);
  expect(launch.python).toBe(join(root, cachedHome(), '.venv/bin/python'));
  expect(operations).toHaveLength(11);
  expect(operations.slice(0, 4)).toEqual([
    'realpath module',
    'readFile module/.venv/synapse.json',
    'access module',
    `readFile ${cachedHome()}/.venv/synapse.json`,
  ]);
});

test('one in the cache does not count where the module can have its own', async () => {
  await placeEnvironment(directory, base, join(root, cachedHome()));
  process.env.SYNAPSE_PYTHON = '/no/python/may/be/started';
  await expect(ensure(directory, OPTIONS)).rejects.toThrow('/no/python/may/be/started');
});

test('a .venv that somebody else made there leaves the module with its home in the cache', async () => {
  await write('module/.venv/theirs', '');
  await placeEnvironment(directory, base, join(root, cachedHome()));
  denied = join(directory, '.venv');
  const launch = await ensure(directory, OPTIONS);
  expect(launch.python).toBe(join(root, cachedHome(), '.venv/bin/python'));
});

test('a shared one costs what one of the module’s own does', async () => {
  const shared = join(root, 'cache/shared/ab');
  await write('cache/shared/ab/python', '');
  await write('cache/shared/ab/launch.py', '');
  const launch = { python: join(shared, 'python'), script: join(shared, 'launch.py') };
  await placeEnvironment(directory, base, directory, { shared, launch });
  operations = [];
  const found = await ensure(directory, { ...OPTIONS, share: true });
  expect(found.python).toBe(launch.python);
  expect(operations).toHaveLength(9);
});

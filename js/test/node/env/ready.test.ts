// What an environment that is ready costs: counted in file operations, as time says more of the machine.
import { createHash } from 'node:crypto';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { ensureEnvironment } from '../../../src/node/env/index.js';
import { placeEnvironment } from './ready-environment.js';
import { temporaryFolder } from './temporary.js';

/** What is ready is read at once; what may have to be built is looked at meanwhile. */
const FILE_SYSTEMS = ['node:fs', 'node:fs/promises'] as const;

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
  for (const name of FILE_SYSTEMS) {
    jest.doMock(name, () => {
      const real = jest.requireActual<Record<string, unknown>>(name);
      const members = Object.entries(real).map(([key, member]) => [
        key,
        typeof member !== 'function' ? member : count(key, member as Operation),
      ]);
      return Object.fromEntries(members);
    });
  }
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
  for (const name of [...FILE_SYSTEMS, 'node:child_process']) jest.dontMock(name);
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

type Operation = ((path: unknown, ...rest: unknown[]) => unknown) & { native?: Operation };

function count(name: string, operation: Operation): Operation {
  const counted: Operation = (path, ...rest) => {
    operations?.push(`${name} ${String(path).replace(`${root}/`, '')}`);
    if (name === 'access' && path === denied && rest.length > 0) return Promise.reject(new Error());
    return operation(path, ...rest);
  };
  // `realpathSync` has the system's own way beside Node's.
  if (operation.native !== undefined) counted.native = count(name, operation.native);
  return counted;
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
    'accessSync module/.venv/bin/python',
    'accessSync module/.venv/launch.py',
    'readFileSync module/.venv/synapse.json',
    'readFileSync module/requirements.txt',
    'readFileSync runtime/manifest.json',
    'realpathSync module',
    'statSync base',
    'statSync module/pyproject.toml',
    'statSync module/requirements.txt',
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
    'realpathSync module',
    'readFileSync module/.venv/synapse.json',
    'access module',
    `readFileSync ${cachedHome()}/.venv/synapse.json`,
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

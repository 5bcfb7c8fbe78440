import { execFile } from 'node:child_process';
import { cp, mkdtemp, readlink, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ensureEnvironment } from '../../../src/node/env/index.js';
import { findInterpreter } from '../../../src/node/env/interpreter.js';
import { commandLine, runtimeFolder, unpackRuntime } from '../../../src/node/env/runtime.js';
import { temporaryFolder } from './temporary.js';

// A real bundle (without packages: nothing is downloaded), made by the staged runtime.
const OPTIONS = { dialect: 'raw', progress: 'silent' } as const;
const saved = { ...process.env };
let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'synapse-carried-'));
  await writeFile(join(folder, 'main.py'), '');
  await writeFile(join(folder, 'requirements.txt'), '');
  const interpreter = await findInterpreter();
  const args = ['bundle', folder, '-o', join(folder, 'out'), '--dialect', 'raw', '--no-wheels'];
  args.push('--runtime', runtimeFolder());
  const command = commandLine(await unpackRuntime(interpreter), args);
  await promisify(execFile)(interpreter.path, command);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  bundle = join(await temporaryFolder(), 'bundle');
  await cp(join(folder, 'out'), bundle, { recursive: true, verbatimSymlinks: true });
  bundle = await realpath(bundle);
});

afterEach(() => {
  process.env = { ...saved };
});

/** From here on, whoever starts a Python fails, and there is no cache. */
function forbidProcesses(): void {
  process.env.SYNAPSE_PYTHON = '/no/python/may/be/started';
  process.env.SYNAPSE_CACHE_DIR = '/proc/no/cache';
}

test('a bundle is ready wherever it was copied, without a process and without a cache', async () => {
  forbidProcesses();
  const { python, script } = await ensureEnvironment(bundle, OPTIONS);
  expect(python).toBe(join(bundle, '.venv/bin/python'));
  expect(script.startsWith(join(bundle, '.venv/lib/'))).toBe(true);

  const moved = `${bundle}-moved`;
  await rename(bundle, moved);
  expect((await ensureEnvironment(moved, OPTIONS)).python).toBe(join(moved, '.venv/bin/python'));
});

test('where it lost its link it is settled by its own runtime, without a cache, then ready', async () => {
  const link = join(bundle, '.venv/bin/python');
  const base = await readlink(link);
  await rm(link);
  process.env.SYNAPSE_CACHE_DIR = '/proc/no/cache';
  expect((await ensureEnvironment(bundle, OPTIONS)).python).toBe(link);
  expect(await readlink(link)).toBe(base);
  forbidProcesses();
  expect((await ensureEnvironment(bundle, OPTIONS)).python).toBe(link);
});

test('a link to some other Python does not pass for ready', async () => {
  const link = join(bundle, '.venv/bin/python');
  await rm(link);
  await symlink(process.execPath, link);
  forbidProcesses();
  await expect(ensureEnvironment(bundle, OPTIONS)).rejects.toThrow('/no/python/may/be/started');
});

test('a bundle that was changed is an error in words, not another build', async () => {
  await writeFile(join(bundle, 'requirements.txt'), 'numpy\n');
  await expect(ensureEnvironment(bundle, OPTIONS)).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'BUILD_FAILED',
    message: expect.stringContaining('"requirements.txt" has changed'),
  });
});

test('a bundle that lost its environment is an error in words, not another build', async () => {
  await rm(join(bundle, '.venv'), { recursive: true });
  await expect(ensureEnvironment(bundle, OPTIONS)).rejects.toMatchObject({
    code: 'BUILD_FAILED',
    message: expect.stringContaining('Its .venv is missing or damaged'),
  });
});

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EnvironmentMarker } from '../../../src/node/env/marker.js';
import { type Expectation, staleReason } from '../../../src/node/env/verify.js';
import { placeEnvironment } from './ready-environment.js';
import { temporaryFolder } from './temporary.js';

let directory: string;
let base: string;
let marker: EnvironmentMarker;
let expected: Expectation;

beforeEach(async () => {
  directory = await temporaryFolder();
  base = join(directory, 'base');
  marker = await placeEnvironment(directory, base);
  expected = { directory, runtimeSha256: 'ours', pythonRequest: null, dialect: 'native' };
});

test('an environment whose every input is unchanged is ready', async () => {
  expect(staleReason(marker, expected)).toBeUndefined();
});

test('a build that was not completed is not ready', async () => {
  const reason = staleReason({ ...marker, state: 'building' }, expected);
  expect(reason).toBe('its build was not completed');
});

test('a module that was moved is not ready', async () => {
  expect(staleReason({ ...marker, directory: '/elsewhere' }, expected)).toBe(
    'the module was moved',
  );
});

test('another release of the runtime is not ready', async () => {
  expect(staleReason(marker, { ...expected, runtimeSha256: 'newer' })).toBe(
    'another release of Synapse built it',
  );
});

test('another Python request is not ready', async () => {
  expect(staleReason(marker, { ...expected, pythonRequest: '3.12' })).toBe(
    'another Python was asked for',
  );
});

test('only a raw module may do without the codec', async () => {
  const bare = { ...marker, codec: null };
  expect(staleReason(bare, { ...expected, dialect: 'auto' })).toBe('it has no codec');
  expect(staleReason(bare, { ...expected, dialect: 'raw' })).toBeUndefined();
});

test('an input of another size, of the same size, or gone is noticed', async () => {
  const path = join(directory, 'requirements.txt');
  await writeFile(path, 'numpy==2.0.1\n');
  expect(staleReason(marker, expected)).toBe('requirements.txt has changed');
  await writeFile(path, '');
  expect(staleReason(marker, expected)).toBe('requirements.txt has changed');
  await rm(path);
  expect(staleReason(marker, expected)).toBe('requirements.txt is gone');
});

test('an input whose absence mattered is noticed when it appears', async () => {
  await writeFile(join(directory, 'pyproject.toml'), '');
  expect(staleReason(marker, expected)).toBe('pyproject.toml has appeared');
});

test('an input that is no plain file, or cannot be read, counts as absent', async () => {
  const path = join(directory, 'pyproject.toml');
  await mkdir(path);
  expect(staleReason(marker, expected)).toBeUndefined();
  await rm(path, { recursive: true });
  await writeFile(path, '', { mode: 0o000 });
  // Nothing is closed to root.
  const reason = process.getuid?.() === 0 ? 'pyproject.toml has appeared' : undefined;
  expect(staleReason(marker, expected)).toBe(reason);
});

test('an input that became a pipe is noticed, and not waited for', async () => {
  const path = join(directory, 'requirements.txt');
  await writeFile(path, '');
  const [, absent] = marker.inputs;
  const sha256 = createHash('sha256').digest('hex');
  const inputs = [{ path: 'requirements.txt', size: 0, sha256 }, ...(absent ? [absent] : [])];
  expect(staleReason({ ...marker, inputs }, expected)).toBeUndefined();
  await rm(path);
  execFileSync('mkfifo', [path]);
  expect(staleReason({ ...marker, inputs }, expected)).toBe('requirements.txt has changed');
});

test('a base interpreter that was replaced or removed is noticed', async () => {
  await utimes(base, 1, 1);
  expect(staleReason(marker, expected)).toBe(`${base} was replaced`);
  await rm(base);
  expect(staleReason(marker, expected)).toBe(`${base} is gone`);
});

test('a missing launch script is noticed', async () => {
  await rm(marker.launch.script);
  expect(staleReason(marker, expected)).toBe(`${marker.launch.script} is gone`);
});

test('one that is shared is ready only for a module that asks for that, and the other way round', async () => {
  expect(staleReason(marker, { ...expected, share: true })).toBe('sharing was switched');
  const shared = { ...marker, shared: '/cache/shared/ab' };
  expect(staleReason(shared, expected)).toBe('sharing was switched');
  expect(staleReason(shared, { ...expected, share: true })).toBeUndefined();
  // What the user made is taken as it is.
  expect(staleReason({ ...marker, owned: false }, { ...expected, share: true })).toBeUndefined();
});

describe('A carried environment', () => {
  const configuration = (): string => join(directory, '.venv', 'pyvenv.cfg');

  beforeEach(async () => {
    await rm(marker.interpreter.path);
    await symlink(base, marker.interpreter.path);
    await utimes(base, 1, 1);
    await writeFile(configuration(), `home = ${directory}\n`);
    marker = { ...marker, directory: '/built/elsewhere', relocatable: true };
  });

  test('is ready wherever it stands, whatever became of the time of its base', async () => {
    expect(staleReason(marker, expected)).toBeUndefined();
  });

  test('has to be bound to the base it names, and that has to be there', async () => {
    const other = { ...marker, interpreter: { ...marker.interpreter, base: '/other' } };
    expect(staleReason(other, expected)).toMatch(/is not bound to \/other/);
    await rm(base);
    expect(staleReason(marker, expected)).toBe(`${base} is gone`);
  });

  test('needs the file that leads its interpreter to the packages', async () => {
    for (const text of ['', 'home = /elsewhere\n']) {
      await writeFile(configuration(), text);
      expect(staleReason(marker, expected)).toBe(`${configuration()} is damaged`);
    }
    await rm(configuration());
    expect(staleReason(marker, expected)).toBe(`${configuration()} is damaged`);
  });

  test.each([
    ['3.11', true],
    [' 3.11.2', true],
    ['python3', true],
    ['3.1', false],
    ['3.12', false],
    // Only the builder reads those: it finds out once, and the marker then names them.
    ['>=3.11', false],
    ['/usr/bin/python3.11', false],
  ])('of version 3.11.2 is the one for "%s": %s', async (pythonRequest, isFor) => {
    const interpreter = { ...marker.interpreter, version: '3.11.2' };
    const wanted = { ...expected, pythonRequest };
    const reason = staleReason({ ...marker, interpreter }, wanted);
    expect(reason).toBe(isFor ? undefined : 'another Python was asked for');
    const known = { ...marker, interpreter, python_request: pythonRequest };
    expect(staleReason(known, wanted)).toBeUndefined();
    expect(staleReason(known, expected)).toBeUndefined();
  });

  test('needs the loader it names', async () => {
    const interpreter = { ...marker.interpreter, loader: '/no/such/loader.so' };
    expect(staleReason({ ...marker, interpreter }, expected)).toBe('/no/such/loader.so is gone');
  });
});

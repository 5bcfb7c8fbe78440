import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { findInterpreter } from '../../../src/node/env/interpreter.js';
import { executable, temporaryFolder } from './temporary.js';

let bin: string;

/** A stand-in that answers the probe as the given version would. */
const python = (version: string, path: string): string => `echo ${version}; echo '${path}'`;

beforeEach(async () => {
  bin = await temporaryFolder();
});

test('the python3 of the machine comes before newer ones of other names', async () => {
  await executable(bin, 'python3', python('3.11.2', '/real/python3.11'));
  await executable(bin, 'python3.13', python('3.13.0', '/real/python3.13'));
  expect(await findInterpreter(undefined, { PATH: bin })).toEqual({
    version: '3.11.2',
    path: '/real/python3.11',
  });
});

test('a python3 that is too old or does not run gives way to one that is good', async () => {
  const other = join(bin, 'other');
  await mkdir(other);
  await executable(bin, 'python3', python('3.9.18', '/old/python3.9'));
  await executable(other, 'python3', 'echo "version not installed" >&2; exit 127');
  await executable(other, 'python3.12', python('3.12.1', '/real/python3.12'));
  const found = await findInterpreter(undefined, { PATH: `${bin}:${other}` });
  expect(found.path).toBe('/real/python3.12');
});

test('the one asked for comes first, by version, by name or by path', async () => {
  await executable(bin, 'python3', python('3.11.2', '/real/python3.11'));
  const path = await executable(bin, 'python3.13', python('3.13.0', '/real/python3.13'));
  for (const request of ['3.13', 'python3.13', path]) {
    expect((await findInterpreter(request, { PATH: bin })).path).toBe('/real/python3.13');
  }
});

test('a request that only the builder understands does not stop it from being started', async () => {
  await executable(bin, 'python3', python('3.11.2', '/real/python3.11'));
  const found = await findInterpreter('>=3.12,<3.14', { PATH: bin });
  expect(found.version).toBe('3.11.2');
});

test('SYNAPSE_PYTHON decides instead of PATH, and is named when it does not run', async () => {
  await executable(bin, 'python3', python('3.11.2', '/real/python3.11'));
  const chosen = await executable(bin, 'mine', python('3.14.0', '/mine'));
  const env = { PATH: bin, SYNAPSE_PYTHON: chosen };
  expect((await findInterpreter(undefined, env)).path).toBe('/mine');
  const broken = findInterpreter(undefined, { PATH: bin, SYNAPSE_PYTHON: '/no/such/python' });
  await expect(broken).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND',
    message: expect.stringContaining('SYNAPSE_PYTHON is set to "/no/such/python"'),
  });
});

test('SYNAPSE_PYTHON may be a version or begin with the home folder, as for the builder', async () => {
  await executable(bin, 'python3', python('3.11.2', '/real/python3.11'));
  await executable(bin, 'python3.12', python('3.12.4', '/real/python3.12'));
  const find = async (chosen: string): Promise<string> =>
    (await findInterpreter(undefined, { PATH: bin, HOME: bin, SYNAPSE_PYTHON: chosen })).path;
  expect(await find('3.12')).toBe('/real/python3.12');
  expect(await find('3.12.4')).toBe('/real/python3.12');
  expect(await find('~/python3.12')).toBe('/real/python3.12');
  // Not on PATH: the builder looks in more places, and any Python starts it.
  expect(await find('3.13')).toBe('/real/python3.11');
});

test('without any Python the error says what was looked for and what to install', async () => {
  const error = await findInterpreter(undefined, { PATH: bin }).catch((reason) => reason);
  expect(error).toMatchObject({ name: 'EnvironmentError', code: 'PYTHON_NOT_FOUND' });
  expect(error.message).toContain('looked for python3, python and python3.14 to python3.10');
  expect(error.hint).toContain('apt install python3');
});

test('only old Pythons: the error names each with its version', async () => {
  await executable(bin, 'python3', python('3.9.18', '/old/python3.9'));
  await executable(bin, 'python', python('2.7.18', '/old/python2'));
  await expect(findInterpreter(undefined, { PATH: bin })).rejects.toMatchObject({
    code: 'PYTHON_UNSUPPORTED',
    message: expect.stringContaining('found 3.9.18 (/old/python3.9), 2.7.18 (/old/python2)'),
  });
});

test('a search that failed is made again, one that succeeded is kept', async () => {
  await expect(findInterpreter(undefined, { PATH: bin })).rejects.toThrow('No Python found');
  const path = await executable(
    bin,
    'python3',
    `echo x >> '${bin}/runs'; ${python('3.11.2', '/p')}`,
  );
  const first = await findInterpreter(undefined, { PATH: bin });
  await executable(bin, 'python3', 'exit 1');
  expect(path).toBe(join(bin, 'python3'));
  expect(await findInterpreter(undefined, { PATH: bin })).toBe(first);
});

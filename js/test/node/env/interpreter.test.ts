import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { findInterpreter, withInterpreter } from '../../../src/node/env/interpreter.js';
import { isPlace } from '../../../src/node/env/python-places.js';
import { executable, temporaryFolder } from './temporary.js';

/** Request → whether it names a command, a path or a folder, which Node can look for itself. */
const VECTORS = Object.entries<boolean>(
  JSON.parse(
    readFileSync(join(__dirname, '../../../../tests/vectors/python_requests.json'), 'utf8'),
  ),
);

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

test('SYNAPSE_PYTHON may be the folder of a virtual environment, with blanks around, as for the builder', async () => {
  const venv = join(bin, 'my venv');
  await mkdir(join(venv, 'bin'), { recursive: true });
  await executable(join(venv, 'bin'), 'python', python('3.12.4', '/in/venv'));
  const find = async (chosen: string): Promise<string> =>
    (await findInterpreter(undefined, { PATH: bin, HOME: bin, SYNAPSE_PYTHON: chosen })).path;
  expect(await find(venv)).toBe('/in/venv');
  expect(await find(`${venv}/`)).toBe('/in/venv');
  expect(await find(` ${venv} `)).toBe('/in/venv');
  expect(await find('~/my venv')).toBe('/in/venv');
});

test.each(VECTORS)('a request for "%s" is a place: %s, in both wings', (request, place) => {
  expect(isPlace(request)).toBe(place);
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
    // What the system's packages hold is that very 3.9.
    hint: expect.not.stringContaining('apt install'),
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

test('where the known Python has gone, what needs one is done with the one that is there now', async () => {
  const old = await executable(bin, 'python3.11', '');
  const mine = await executable(bin, 'mine', python('3.11.2', old));
  expect((await findInterpreter(mine)).path).toBe(old);
  const fresh = await executable(bin, 'python3.12', '');
  await executable(bin, 'mine', python('3.12.4', fresh));
  await rm(old);
  const tried: string[] = [];
  const use = async ({ path }: { path: string }): Promise<string> => {
    tried.push(path);
    if (path === old) throw new Error(`spawn ${path} ENOENT`);
    return path;
  };
  expect(await withInterpreter(mine, use)).toBe(fresh);
  expect(tried).toEqual([old, fresh]);
});

test('what fails with a Python that is there is not done again', async () => {
  const mine = await executable(bin, 'mine', python('3.11.2', join(bin, 'mine')));
  let times = 0;
  const use = async (): Promise<never> => {
    times += 1;
    throw new Error('it failed');
  };
  await expect(withInterpreter(mine, use)).rejects.toThrow('it failed');
  expect(times).toBe(1);
});

test('where SYNAPSE_PYTHON names what is no Python, or an old one, that is what has to be changed', async () => {
  await executable(bin, 'python3', python('3.11.2', '/real/python3.11'));
  const old = await executable(bin, 'old', python('3.8.20', '/old/python3.8'));
  for (const chosen of ['/no/such/python', old]) {
    const error = await findInterpreter(undefined, { PATH: bin, SYNAPSE_PYTHON: chosen }).catch(
      (reason) => reason,
    );
    expect(error.hint).toBe(
      'Set SYNAPSE_PYTHON to a Python 3.10 or newer, or unset it: then all Pythons of this machine are looked at. ' +
        'Install Python 3.10 or newer only where there is none.',
    );
  }
});

test('a range or an environment in SYNAPSE_PYTHON is for the builder: any Python starts it', async () => {
  await executable(bin, 'python3', python('3.11.2', '/real/python3.11'));
  for (const chosen of ['>=3.12,<3.14', '~=3.12', '3.12', 'active', 'conda', 'conda:ml']) {
    const found = await findInterpreter(undefined, { PATH: bin, SYNAPSE_PYTHON: chosen });
    expect(found.path).toBe('/real/python3.11');
    expect((await findInterpreter(chosen, { PATH: bin })).path).toBe('/real/python3.11');
  }
});

test('the error carries a table of all that was tried, and why each was not taken', async () => {
  await executable(bin, 'python3', python('3.9.18', '/old/python3.9'));
  await executable(bin, 'python3.12', 'echo "pyenv: python3.12: command not found" >&2; exit 127');
  const error = await findInterpreter('/gone', { PATH: bin }).catch((reason) => reason);
  expect(error.lines.map((line: string) => line.split(/ {2,}/))).toEqual([
    ['/gone', 'request', '-', 'not found'],
    ['/old/python3.9', 'PATH', '3.9.18', 'too old: Synapse needs 3.10 or newer'],
    [
      join(bin, 'python3.12'),
      ...['PATH', '-'],
      'does not run as Python 3 (pyenv: python3.12: command not found)',
    ],
  ]);
});

test.each([
  ['pyenv', '.pyenv/versions', ['3.9.18', '3.12.1', '3.11.7']],
  ['uv', '.local/share/uv/python', ['cpython-3.9.1-linux', 'cpython-3.12.1-linux']],
])('what %s installed is found without being on PATH, newest first', async (_, folder, names) => {
  for (const name of names) {
    const home = join(bin, folder, name, 'bin');
    await mkdir(home, { recursive: true });
    await executable(home, 'python3', python(/3\.\d+\.\d+/.exec(name)?.[0] ?? '', home));
  }
  const found = await findInterpreter(undefined, { PATH: '', HOME: bin });
  expect(found.version).toBe('3.12.1');
});

test('on Windows the launcher py is asked for its Python 3, after what is on PATH', async () => {
  const script = `[ "$1" = -3 ] && [ "$2" = -I ] && { ${python('3.12.4', 'C:\\\\Python312\\\\python.exe')}; }`;
  await executable(bin, 'py.exe', script);
  const found = await findInterpreter(undefined, { PATH: bin }, 'win32');
  expect(found.path).toBe('C:\\Python312\\python.exe');
  const other = join(bin, 'store');
  await mkdir(other);
  // Microsoft's stand-in says where to get one, and fails.
  await executable(other, 'python.exe', 'echo "Python was not found" >&2; exit 49');
  const env = { PATH: `${other}:${bin}` };
  expect((await findInterpreter(undefined, env, 'win32')).version).toBe('3.12.4');
});

test('on macOS a stand-in that would open a dialogue is not started, one with tools behind it is', async () => {
  const apple = join(bin, 'usr', 'bin');
  await mkdir(apple, { recursive: true });
  await executable(apple, 'python3', `touch '${bin}/dialogue'; ${python('3.11.1', '/apple')}`);
  const brew = join(bin, 'opt', 'homebrew', 'bin');
  await mkdir(brew, { recursive: true });
  await executable(brew, 'python3', python('3.13.0', '/brew'));
  const env = { PATH: apple, HOME: bin };
  expect((await findInterpreter(undefined, env, 'darwin', bin)).path).toBe('/brew');
  expect(existsSync(join(bin, 'dialogue'))).toBe(false);
  await mkdir(join(bin, 'Library/Developer/CommandLineTools/usr/bin'), { recursive: true });
  const installed = { ...env, PYENV_ROOT: join(bin, 'none') };
  expect((await findInterpreter(undefined, installed, 'darwin', bin)).path).toBe('/apple');
});

// Environments as a caller meets them: built when needed, kept when unchanged, and honest when they cannot be built.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { python } from '../support/command.js';
import { connect } from '../support/connect.js';
import { Host, runHost } from '../support/host.js';
import { copyOfModule, newFolder, newModule, sharedModule } from '../support/scratch.js';
import { errorOf, eventually } from '../support/waiting.js';

const HELLO = `
from synapse_worker import Module

app = Module()


@app.method
def msgpack_version() -> str:
    import msgpack
    return ".".join(map(str, msgpack.version))
`;
const helloWith = (requirements: string): string =>
  newModule({ 'main.py': HELLO, 'requirements.txt': requirements });

const ask = async (directory: string): Promise<unknown> => {
  const client = await connect(directory);
  try {
    return await client.call('msgpack_version');
  } finally {
    await client.close();
  }
};

describe('An environment that cannot be built', () => {
  it('because a package does not exist is one clear error, again and again, until it is mended', async () => {
    const directory = helloWith('a-package-that-is-nowhere-at-all==9.9\n');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const failure = await errorOf(connect(directory));
      expect(failure).toMatchObject({ name: 'EnvironmentError', code: 'PACKAGE_NOT_FOUND' });
      expect(failure.message).toContain('a-package-that-is-nowhere-at-all');
    }
    writeFileSync(join(directory, 'requirements.txt'), 'msgpack==1.1.0\n');
    expect(await ask(directory)).toBe('1.1.0');
  });

  it('because a version does not exist names package and version', async () => {
    const failure = await errorOf(connect(helloWith('msgpack==99.99.99\n')));
    expect(failure).toMatchObject({ name: 'EnvironmentError', code: 'PACKAGE_NOT_FOUND' });
    expect(failure.message).toContain('99.99.99');
  });

  it('because a line is not a requirement names the file and the line', async () => {
    const failure = await errorOf(
      connect(helloWith('msgpack==1.1.0\n\nthis is no requirement!\n')),
    );
    expect(failure).toMatchObject({ name: 'EnvironmentError', code: 'REQUIREMENTS_INVALID' });
    expect(failure.message).toContain('requirements.txt');
    expect(failure.message).toContain('this is no requirement!');
  });

  it('rejects the drop-in class with the same error', async () => {
    const synapse = new Synapse();
    const failure = await errorOf(synapse.spawn(helloWith('msgpack==99.99.99\n'), 'main'));
    expect(failure).toMatchObject({ name: 'EnvironmentError', code: 'PACKAGE_NOT_FOUND' });
    await synapse.dispose();
  });

  it('without a network says so, and that a retry may help', async () => {
    const end = await runHost('try-connect.mjs', [helloWith('idna==3.10\n')], {
      env: {
        PIP_CONFIG_FILE: '/dev/null',
        PIP_INDEX_URL: 'https://127.0.0.1:9/simple',
        PIP_EXTRA_INDEX_URL: '',
        PIP_FIND_LINKS: '',
        PIP_RETRIES: '1',
        PIP_NO_CACHE_DIR: '1',
        UV_DEFAULT_INDEX: 'https://127.0.0.1:9/simple',
        UV_INDEX_URL: 'https://127.0.0.1:9/simple',
        UV_HTTP_RETRIES: '0',
        UV_NO_CACHE: '1',
      },
    });
    expect(JSON.parse(end.stdout)).toMatchObject({
      name: 'EnvironmentError',
      code: 'NETWORK_UNAVAILABLE',
      retryable: true,
    });
  });

  it('without any Python says what it looked for and what to install', async () => {
    const end = await runHost('try-connect.mjs', [helloWith('')], {
      env: {
        PATH: newFolder(),
        SYNAPSE_PYTHON: undefined,
        PYENV_ROOT: undefined,
        HOME: newFolder(),
      },
    });
    const failure = JSON.parse(end.stdout) as { message: string };
    expect(failure).toMatchObject({ name: 'EnvironmentError', code: 'PYTHON_NOT_FOUND' });
    expect(failure.message).toMatch(/3\.10/);
  });

  it('with the Python asked for missing names it', async () => {
    const failure = await errorOf(connect(helloWith(''), { python: '/nowhere/bin/python3' }));
    expect(failure).toMatchObject({ name: 'EnvironmentError', code: 'PYTHON_NOT_FOUND' });
    expect(failure.message).toContain('/nowhere/bin/python3');
  });

  const tooOld = oldPython();
  (tooOld === undefined ? it.skip : it)(
    'with a Python too old names its version and the least one',
    async () => {
      const failure = await errorOf(connect(helloWith(''), { python: tooOld as string }));
      expect(failure).toMatchObject({ name: 'EnvironmentError', code: 'PYTHON_UNSUPPORTED' });
      expect(failure.message).toMatch(/3\.[0-9]\b/);
      expect(failure.message).toContain('3.10');
    },
  );
});

describe('An environment that is there', () => {
  it('costs no subprocess but the worker, and needs no Python on the PATH', async () => {
    const builder = new Synapse();
    await builder.spawn(sharedModule('raw'), 'echo');
    await builder.dispose();
    const end = await runHost('count-spawns.mjs', [sharedModule('raw')], {
      env: { PATH: newFolder() },
    });
    expect(end).toMatchObject({ code: 0, stderr: '', stdout: '["spawn"]\n' });
  });

  it('follows its requirements when they change', async () => {
    const directory = helloWith('');
    expect((await errorOf(ask(directory))).message).toContain('msgpack');
    writeFileSync(join(directory, 'requirements.txt'), 'msgpack==1.1.0\n');
    expect(await ask(directory)).toBe('1.1.0');
    writeFileSync(join(directory, 'requirements.txt'), 'msgpack==1.1.1\n');
    expect(await ask(directory)).toBe('1.1.1');
  });

  it('of the user’s own is used and never deleted', async () => {
    const directory = helloWith('msgpack==1.1.0\n');
    execFileSync(python, ['-m', 'venv', '--without-pip', join(directory, '.venv')]);
    writeFileSync(join(directory, '.venv/mine.txt'), 'precious');
    expect(await ask(directory)).toBe('1.1.0');
    expect(readFileSync(join(directory, '.venv/mine.txt'), 'utf8')).toBe('precious');
  });

  it('leaves nothing beside the module but .venv and compiled files', async () => {
    const directory = helloWith('');
    await (await connect(directory)).close();
    expect(
      readdirSync(directory)
        .filter((name) => name !== '__pycache__')
        .sort(),
    ).toEqual(['.venv', 'main.py', 'requirements.txt']);
  });
});

describe('A build that is killed', () => {
  it('with its Node process is never taken for a good one', async () => {
    const directory = copyOfModule('raw');
    for (const sign of ['.venv', '.venv/bin/python', '.venv/bin/python']) {
      const host = new Host('spawn.mjs', [directory, 'echo']);
      await eventually(`${sign} appears`, () => existsSync(join(directory, sign)), 60_000);
      host.kill('SIGKILL');
      await host.ended;
    }
    const synapse = new Synapse();
    await synapse.spawn(directory, 'echo');
    expect(await synapse.call('whole')).toBe('whole');
    await synapse.dispose();
  });

  it('by its signal rejects with an AbortError, and the next one builds it', async () => {
    const directory = copyOfModule('raw');
    const stop = new AbortController();
    const synapse = new Synapse();
    const failure = errorOf(synapse.spawn(directory, 'echo', { signal: stop.signal }));
    await eventually('.venv appears', () => existsSync(join(directory, '.venv')), 60_000);
    stop.abort();
    expect((await failure).name).toBe('AbortError');
    await synapse.spawn(directory, 'echo');
    expect(await synapse.call('whole')).toBe('whole');
    await synapse.dispose();
  });
});

describe('A build', () => {
  it('by virtualenv and pip-tools gives the same environment as one by uv', async () => {
    const directory = helloWith('msgpack==1.1.0\n');
    const client = await connect(directory, { backend: 'virtualenv' });
    expect(await client.call('msgpack_version')).toBe('1.1.0');
    await client.close();
    expect(await ask(directory)).toBe('1.1.0');
  });

  it('stands the settings people have in their shells', async () => {
    const end = await runHost('try-connect.mjs', [helloWith('msgpack==1.1.0\n')], {
      env: {
        PIP_USER: '1',
        PIP_REQUIRE_VIRTUALENV: '1',
        PIP_TARGET: newFolder(),
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONUNBUFFERED: '1',
        PYTHONWARNINGS: 'error',
        VIRTUAL_ENV: '/nowhere',
        CONDA_PREFIX: '/nowhere/either',
        LC_ALL: 'C',
      },
    });
    expect(end).toMatchObject({ code: 0, stdout: 'connected\n' });
  });
});

/** A Python older than we support, when this machine has one. */
function oldPython(): string | undefined {
  const pyenv = join(homedir(), '.pyenv/versions');
  const candidates = ['3.9', '3.8', '3.7', '3.6'].flatMap((minor) => [
    `/usr/bin/python${minor}`,
    ...(existsSync(pyenv) ? readdirSync(pyenv) : [])
      .filter((version) => version.startsWith(`${minor}.`))
      .map((version) => join(pyenv, version, 'bin', `python${minor}`)),
  ]);
  return candidates.find(existsSync);
}

// `npx synapse doctor` from the package itself: with a Python, without one, and with files of ours that are damaged.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runNode } from '../support/command.js';
import type { HostEnd } from '../support/host.js';
import { newFolder, newModule } from '../support/scratch.js';

const packageFolder = resolve(__dirname, '../../../js');
const bin = join(packageFolder, 'dist/esm/node/cli.js');

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly message: string;
  readonly fix: string | null;
  readonly details: Record<string, unknown>;
}

const findingsOf = ({ stdout }: HostEnd): Map<string, Finding> => {
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return new Map(findings.map((finding) => [finding.id, finding]));
};

/** Variables of a machine whose PATH has nothing but this Node and some programs of a line each. */
const machine = (programs: Record<string, string> = {}): NodeJS.ProcessEnv => {
  const folder = newFolder();
  symlinkSync(process.execPath, join(folder, 'node'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  // Pythons are looked for in the folders of pyenv and uv, too.
  const nowhere = { HOME: folder, PYENV_ROOT: folder, UV_PYTHON_INSTALL_DIR: folder };
  return { PATH: folder, SYNAPSE_PYTHON: '', ...nowhere };
};

describe('npx synapse doctor', () => {
  it('tells the Python side which Node and which package started it', async () => {
    const folder = newModule({ 'main.py': 'import sys\nsys.stdin.read()\n' });
    const end = await runNode([bin, 'doctor', folder, '--offline', '--json'], newFolder());
    const found = findingsOf(end);
    expect(found.get('module.environment')?.fix).toBe(`npx synapse env sync ${folder}`);
    expect(found.get('node.version')?.details).toEqual({
      path: process.execPath,
      version: process.versions.node,
    });
    expect(found.get('wings.npm')).toMatchObject({
      severity: 'ok',
      details: { path: packageFolder },
    });
    expect(found.get('wings.runtime')?.severity).toBe('ok');
    expect(found.get('wings.python')?.severity).toBe('ok');
  });

  it('finds a file of the package that is not what was packed', async () => {
    const runtime = join(newFolder(), 'python');
    cpSync(join(packageFolder, 'python'), runtime, { recursive: true });
    const pip = readdirSync(runtime).find((name) => name.startsWith('pip-')) ?? '';
    writeFileSync(join(runtime, pip), 'damaged');
    const end = await runNode([bin, 'doctor', '--json'], newFolder(), {
      ...machine(),
      SYNAPSE_RUNTIME_DIR: runtime,
    });
    expect(findingsOf(end).get('wings.runtime-damaged')?.message).toContain(pip);
  });

  it('without Python says what was looked at and what to install, and ends with 1', async () => {
    const end = await runNode([bin, 'doctor'], newFolder(), machine());
    expect(end).toMatchObject({ code: 1, stderr: '' });
    expect(end.stdout).toContain(`  ok      Node ${process.versions.node} (`);
    expect(end.stdout).toMatch(/ {2}error {3}No Python/);
    expect(end.stdout).toContain('fix: ');
    expect(end.stdout).toMatch(/\n1 error\. .*\n$/);
  });

  it('without Python prints the same document as with it', async () => {
    const end = await runNode([bin, 'doctor', '--json'], newFolder(), machine());
    const report = JSON.parse(end.stdout) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual(['format', 'ok', 'counts', 'findings']);
    expect(report).toMatchObject({ format: 1, ok: false, counts: { error: 1 } });
    const found = findingsOf(end);
    expect([...found.keys()]).toEqual([
      'node.version',
      'python.discovery',
      'wings.npm',
      'wings.runtime',
    ]);
    expect(found.get('python.discovery')?.details).toMatchObject({ code: 'PYTHON_NOT_FOUND' });
  });

  it('names a Python that is too old, with its version', async () => {
    const old = machine({ python3: 'echo 3.8.20; echo /old/python3.8' });
    const end = await runNode([bin, 'doctor', '--json'], newFolder(), old);
    const finding = findingsOf(end).get('python.discovery');
    expect(finding?.details).toMatchObject({ code: 'PYTHON_UNSUPPORTED' });
    expect(JSON.stringify(finding)).toContain('3.8.20');
  });

  it('names the variable where that is what leads to no Python', async () => {
    const variables = { ...machine({ python3: 'exit 1' }), SYNAPSE_PYTHON: '/nope' };
    const end = await runNode([bin, 'doctor', '--json'], newFolder(), variables);
    expect(findingsOf(end).get('python.discovery')).toMatchObject({
      message: 'SYNAPSE_PYTHON is set to "/nope", which is not a Python that runs.',
      fix: 'unset SYNAPSE_PYTHON',
    });
    const other = await runNode([bin, 'env', 'list'], newFolder(), variables);
    expect(other.stderr).toContain(
      'What to do: Set SYNAPSE_PYTHON to a Python 3.10 or newer, or unset',
    );
  });

  it('names the variable where that is what leads to no runtime', async () => {
    const variables = { SYNAPSE_RUNTIME_DIR: '/nope' };
    const end = await runNode([bin, 'doctor', '--json'], newFolder(), variables);
    const found = findingsOf(end);
    expect(found.get('wings.unpacking')).toMatchObject({
      message: 'The Python runtime is missing from /nope (SYNAPSE_RUNTIME_DIR).',
      fix: expect.stringMatching(/^Unset SYNAPSE_RUNTIME_DIR/),
    });
    expect(found.get('wings.runtime-damaged')?.fix).toBe('unset SYNAPSE_RUNTIME_DIR');
  });

  it('says why where the cache cannot hold the Python side', async () => {
    const cache = join(newFolder(), 'cache');
    writeFileSync(cache, 'in the way');
    const end = await runNode([bin, 'doctor', '--json'], newFolder(), { SYNAPSE_CACHE_DIR: cache });
    expect(end.code).toBe(1);
    expect(findingsOf(end).get('wings.unpacking')).toMatchObject({
      severity: 'error',
      fix: expect.stringContaining('SYNAPSE_CACHE_DIR'),
    });
  });
});

describe('npx synapse without Python', () => {
  it('still knows its version', async () => {
    const end = await runNode([bin, '--version'], newFolder(), machine());
    const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(end).toMatchObject({ code: 0, stdout: `synapse ${version}\n` });
  });

  it('says in one place what is missing and what to install', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'pricing'));
    const end = await runNode([bin, 'env', 'sync', 'pricing'], folder, machine());
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toMatch(/^synapse: No Python/);
    expect(end.stderr).toContain('What to do: install Python 3.10 or newer');
    expect(end.stderr).toContain('SYNAPSE_PYTHON=/path/to/python3');
  });

  it('with --json says it in JSON, without our insides', async () => {
    const end = await runNode([bin, 'schema', 'x', '--json'], newFolder(), machine());
    expect(end.code).toBe(1);
    const { error } = JSON.parse(end.stdout) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: 'PYTHON_NOT_FOUND', traceback: '', cause: null });
  });
});

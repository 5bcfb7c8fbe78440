import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../../src/node/connect/connect.js';
import { spawnSpec } from '../../../src/node/connect/launch.js';
import { describeModule } from '../../../src/node/connect/module.js';
import { errorOf } from '../support/waiting.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'synapse-connect-'));
  const module = join(root, 'prix é');
  mkdirSync(join(module, 'src'), { recursive: true });
  writeFileSync(join(module, 'main.py'), 'import sys\n');
  writeFileSync(join(module, 'src/app.py'), 'from synapse_worker import Module\n');
  symlinkSync(module, join(root, 'link'));
});
afterAll(() => rmSync(root, { recursive: true }));

const settings = (text: string): void => writeFileSync(join(root, 'prix é/pyproject.toml'), text);

describe('What connect() is told', () => {
  it('has defaults for everything but the folder', async () => {
    settings('');
    expect(await describeModule(join(root, 'link'), {})).toEqual({
      directory: join(root, 'prix é'),
      entrypoint: 'main.py',
      name: 'prix é',
      workers: 1,
      python: undefined,
      dialect: 'raw',
    });
  });

  it.each(['native', 'raw'] as const)(
    'is taken as %s where its source does not show it and the caller expects that',
    async (assumed) => {
      settings('');
      writeFileSync(join(root, 'prix é/unclear.py'), 'from helper import app  # synapse_worker\n');
      const options = { entrypoint: 'unclear' };
      const { dialect } = await describeModule(join(root, 'link'), options, assumed);
      expect(dialect).toBe(assumed);
    },
  );

  it('may stand in pyproject.toml, and options win', async () => {
    settings(
      '[tool.synapse]\nentrypoint = "src/app"\nname = "prices"\npython = "3.12"\nworkers = 3\n',
    );
    const fromFile = { entrypoint: 'src/app.py', name: 'prices', python: '3.12', workers: 3 };
    expect(await describeModule(join(root, 'link'), {})).toMatchObject({
      ...fromFile,
      dialect: 'native',
    });
    const options = {
      entrypoint: 'main',
      name: 'x',
      python: '3.10',
      workers: 1,
      dialect: 'native',
    } as const;
    expect(await describeModule(join(root, 'link'), options)).toMatchObject({
      ...options,
      entrypoint: 'main.py',
    });
  });

  it.each([
    ['workers = "two"', /workers must be a number/],
    ['workers = 0', /workers must be an integer from 1/],
    ['worker = 1', /no key "worker"; it knows entrypoint, name, python, workers/],
    ['entrypoint = "nowhere"', /Entrypoint "nowhere.py" does not exist/],
  ])('is checked: %s', async (line, says) => {
    settings(`[tool.synapse]\n${line}\n`);
    const error = await errorOf(connect(join(root, 'link')));
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toMatch(says);
    settings('');
  });

  it('names a folder that does not exist, or is none', async () => {
    expect((await errorOf(connect('nowhere'))).message).toBe('Directory "nowhere" does not exist.');
    const file = join(root, 'prix é/main.py');
    expect((await errorOf(connect(file))).message).toContain('is not a directory');
  });

  it('may not be a raw module: the error points to the class for those', async () => {
    settings('');
    const error = await errorOf(connect(join(root, 'link')));
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toContain('Synapse class');
  });

  it.each([{ timeoutMs: -1 }, { graceMs: Number.NaN }, { maxQueue: '1' as unknown as number }])(
    'is refused when a number makes no sense: %j',
    async (options) => {
      const error = await errorOf(connect(join(root, 'link'), options));
      expect(error.code).toBe('INVALID_CONFIG');
      expect(error.message).toContain(Object.keys(options)[0]);
    },
  );

  it('names an option that does not exist, and a choice that is none', async () => {
    const wrong = async (options: unknown): Promise<Error & { code: string }> =>
      errorOf(connect(join(root, 'link'), options as never));
    const unknown = await wrong({ worker: 2 });
    expect(unknown.code).toBe('INVALID_CONFIG');
    expect(unknown.message).toContain('"worker"');
    expect(unknown.message).toContain('workers');
    expect((await wrong({ dialect: 'nativ' })).message).toBe(
      'dialect must be one of auto, native, raw, not nativ.',
    );
    expect((await wrong({ channel: 'tcp' })).message).toContain('auto, socket, stdio');
    expect((await wrong(null)).code).toBe('INVALID_CONFIG');
    expect((await wrong({ signal: {} })).message).toContain('AbortSignal');
  });

  it('starts nothing when its signal was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('no'));
    expect(await errorOf(connect(join(root, 'link'), { signal }))).toMatchObject({
      name: 'AbortError',
      cause: { message: 'no' },
    });
  });
});

describe('Where workers start', () => {
  const python = { python: 'python3', script: 'launch.py' };
  const module = { name: 'm', directory: '/', entrypoint: 'main.py', dialect: 'native' } as const;

  it('is where the host is, or in the module once that folder is deleted', () => {
    const before = process.cwd();
    expect(spawnSpec(python, module, {}).cwd).toBe(before);
    const gone = mkdtempSync(join(tmpdir(), 'synapse-gone-'));
    process.chdir(gone);
    rmSync(gone, { recursive: true });
    try {
      expect(spawnSpec(python, module, {}).cwd).toBe('/');
    } finally {
      process.chdir(before);
    }
  });
});

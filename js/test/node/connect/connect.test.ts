import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../../src/node/connect/connect.js';
import { spawnSpec } from '../../../src/node/connect/launch.js';
import { describeModule } from '../../../src/node/connect/module.js';
import { withSettings } from '../../../src/node/connect/module-settings.js';
import type { ConnectOptions } from '../../../src/node/connect/options.js';
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
    expect(describeModule(join(root, 'link'), {})).toEqual({
      directory: join(root, 'prix é'),
      entrypoint: 'main.py',
      name: 'prix é',
      python: undefined,
      dialect: 'raw',
      settings: {},
    });
  });

  it.each(['native', 'raw'] as const)(
    'is taken as %s where its source does not show it and the caller expects that',
    async (assumed) => {
      settings('');
      writeFileSync(join(root, 'prix é/unclear.py'), 'from helper import app  # synapse_worker\n');
      const options = { entrypoint: 'unclear' };
      const { dialect } = describeModule(join(root, 'link'), options, assumed);
      expect(dialect).toBe(assumed);
    },
  );

  it.each(['main.py', 'pyproject.toml'])(
    'is refused where %s is a pipe, and not waited for',
    async (name) => {
      const folder = mkdtempSync(join(root, 'pipe-'));
      writeFileSync(join(folder, 'main.py'), '');
      rmSync(join(folder, name), { force: true });
      execFileSync('mkfifo', [join(folder, name)]);
      const error = await errorOf((async () => describeModule(folder, {}))());
      expect(error.code).toBe('INVALID_CONFIG');
      expect(error.message).toContain(`${name}" is not a plain file.`);
      expect(error.message.includes('connect({ entrypoint })')).toBe(name === 'main.py');
    },
  );

  it('may stand in pyproject.toml, and options win', async () => {
    settings(
      '[tool.synapse]\nentrypoint = "src/app"\nname = "prices"\npython = "3.12"\nworkers = 3\n',
    );
    const fromFile = { entrypoint: 'src/app.py', name: 'prices', python: '3.12' };
    const described = describeModule(join(root, 'link'), {});
    expect(described).toMatchObject({ ...fromFile, dialect: 'native', settings: { workers: 3 } });
    expect(withSettings({}, described.settings).workers).toBe(3);
    expect(withSettings({ workers: 1 }, described.settings).workers).toBe(1);
    const options = {
      entrypoint: 'main',
      name: 'x',
      python: '3.10',
      dialect: 'native',
    } as const;
    expect(describeModule(join(root, 'link'), options)).toMatchObject({
      ...options,
      entrypoint: 'main.py',
    });
  });

  it('may have many numbers in pyproject.toml, whose groups are filled one by one', async () => {
    settings(
      `[tool.synapse]
min-workers = 0
max-workers = 8
concurrency = 16
max-queue = 1_000
retries = 1
timeout-ms = 30_000
idle-timeout-ms = 5_000
recycle-calls = 10_000
recycle-age-ms = 3_600_000
limit-memory-bytes = 2_000_000_000
limit-open-files = 256
zygote = false
groups = ["ml"] # for the builder, which reads them itself
extras = [
  "fast",
]
`,
    );
    const { settings: found } = describeModule(join(root, 'link'), {});
    expect(found).toEqual({
      ...{ workers: { min: 0, max: 8 }, concurrency: 16, maxQueue: 1_000, retries: 1 },
      ...{ timeoutMs: 30_000, idleTimeoutMs: 5_000, zygote: false },
      recycle: { calls: 10_000, ageMs: 3_600_000 },
      limits: { memoryBytes: 2_000_000_000, openFiles: 256 },
    });
    const options = { recycle: { calls: 5 }, timeoutMs: undefined, workers: 2, zygote: true };
    expect(withSettings(options, found)).toEqual({
      ...found,
      ...{ workers: 2, zygote: true, recycle: { calls: 5, ageMs: 3_600_000 } },
    });
    settings('');
  });

  it.each([
    ['workers = "two"', /\[tool\.synapse\] .*: workers must be a whole number of at least 1\.$/],
    ['workers = 0', /workers must be a whole number of at least 1/],
    ['workers = 2_000', /workers must be an integer from 1 to 1024/],
    ['min-workers = 4\nmax-workers = 2', /workers\.max must be at least workers\.min/],
    ['workers = 4\nmax-workers = 8', /it has workers, so it cannot have min-workers/],
    ['timeout-ms = -1', /timeout-ms must be a whole number of at least 0/],
    ['zygote = 1', /zygote must be true or false/],
    ['groups = "ml"', /groups must be a list of names/],
    ['extras = [""]', /extras must be a list of names/],
    ['name = ["main"]', /name must be a string/],
    ['name = ""', /name must be a string/],
    ['worker = 1', /no key "worker"; it knows entrypoint, name, python, workers, min-workers,/],
    [
      'entrypoint = "nowhere"',
      /Entrypoint "nowhere.py" does not exist in .*\nWhat to do: Name another .* entrypoint/,
    ],
  ])('is checked: %s', async (line, says) => {
    settings(`[tool.synapse]\n${line}\n`);
    const error = await errorOf(connect(join(root, 'link')));
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toMatch(says);
    settings('');
  });

  it('names a folder that does not exist, or is none', async () => {
    const absent = join(root, 'nowhere');
    expect((await errorOf(connect(absent))).message).toBe(`Directory "${absent}" does not exist.`);
    const file = join(root, 'prix é/main.py');
    expect((await errorOf(connect(file))).message).toContain('is not a directory');
  });

  it('says from where a relative path was looked for, and how it begins at a file', async () => {
    const { message } = await errorOf(connect('./nowhere'));
    const looked = `looked for from the working directory, ${process.cwd()}.`;
    expect(message).toContain(`Directory "./nowhere" does not exist. It was ${looked}\n`);
    expect(message).toMatch(/^What to do: .*new URL\('nowhere', import\.meta\.url\).*$/m);
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
    expect((await wrong({ env: null })).message).toContain('env must be an object');
    expect((await wrong({ python: null })).message).toBe('python must be a string, not null.');
  });

  it('starts nothing when its signal was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('no'));
    expect(await errorOf(connect(join(root, 'link'), { signal }))).toMatchObject({
      name: 'AbortError',
      cause: { message: 'no' },
    });
  });
});

describe('The command of a worker', () => {
  const python = { python: 'python3', script: 'launch.py' };
  const module = { name: 'm', directory: '/', entrypoint: 'main.py', dialect: 'native' } as const;
  const limitsIn = (options: ConnectOptions): unknown =>
    JSON.parse(spawnSpec(python, module, options).args[1] as string).resource_limits;

  it('tells the worker the limits that the kernel is to hold it to', () => {
    const limits = { addressSpaceBytes: 1, cpuSeconds: 2, openFiles: 3 };
    expect(limitsIn({ limits })).toEqual({ address_space: 1, cpu_seconds: 2, open_files: 3 });
    expect(limitsIn({ limits: { processes: 4, fileSizeBytes: 5 } })).toEqual({
      ...{ processes: 4, file_size: 5 },
    });
  });

  it('tells it nothing where there are none', () => {
    expect(limitsIn({})).toBeUndefined();
    expect(limitsIn({ limits: { memoryBytes: 5 } })).toBeUndefined();
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

import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { EnvironmentEvent } from '../../../src/node/env/events.js';
import { ensureEnvironment } from '../../../src/node/env/index.js';
import { temporaryFolder } from './temporary.js';

// These build real environments (without packages: nothing is downloaded) by the staged runtime.
const OPTIONS = { dialect: 'raw', progress: 'silent' } as const;
const SYNAPSE_PYTHON = process.env.SYNAPSE_PYTHON;
let directory: string;

beforeEach(async () => {
  directory = await temporaryFolder();
  await writeFile(join(directory, 'requirements.txt'), '');
  await writeFile(join(directory, 'main.py'), '');
});

afterEach(() => {
  delete process.env.SYNAPSE_PYTHON;
  if (SYNAPSE_PYTHON !== undefined) process.env.SYNAPSE_PYTHON = SYNAPSE_PYTHON;
});

/** From here on, whoever starts a Python to build fails. */
function forbidBuilds(): void {
  process.env.SYNAPSE_PYTHON = '/no/python/may/be/started';
}

test('a module is built once, then ready without a subprocess, then built again when it changed', async () => {
  const onEvent = jest.fn<(event: EnvironmentEvent) => void>();
  const built = await ensureEnvironment(directory, { ...OPTIONS, onEvent });
  expect(built.python).toBe(join(directory, '.venv', 'bin', 'python'));
  expect(built.marker.directory).toBe(directory);
  expect(onEvent).toHaveBeenCalled();

  forbidBuilds();
  expect(await ensureEnvironment(directory, OPTIONS)).toEqual(built);

  await writeFile(join(directory, 'requirements.txt'), '# changed\n');
  await expect(ensureEnvironment(directory, OPTIONS)).rejects.toThrow('/no/python/may/be/started');
  delete process.env.SYNAPSE_PYTHON;
  const again = await ensureEnvironment(directory, OPTIONS);
  expect(again.marker.inputs).not.toEqual(built.marker.inputs);
});

test('concurrent calls share one build, also through a symbolic link', async () => {
  const link = join(await temporaryFolder(), 'link');
  await symlink(directory, link);
  const events = Array.from({ length: 3 }, () => jest.fn<(event: EnvironmentEvent) => void>());
  const specs = await Promise.all(
    [directory, link, `${directory}/.`].map((path, index) =>
      ensureEnvironment(path, { ...OPTIONS, onEvent: (event) => events[index]?.(event) }),
    ),
  );
  expect(new Set(specs.map((spec) => spec.marker)).size).toBe(1);
  expect(events[1]?.mock.calls).toEqual(events[0]?.mock.calls);
});

test('a failed build is an EnvironmentError, and the next attempt starts afresh', async () => {
  await writeFile(join(directory, 'requirements.txt'), 'this is no requirement ===\n');
  await expect(ensureEnvironment(directory, OPTIONS)).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'REQUIREMENTS_INVALID',
  });
  await writeFile(join(directory, 'requirements.txt'), '');
  expect((await ensureEnvironment(directory, OPTIONS)).marker.state).toBe('ready');
});

test('a cancelled build rejects as a cancelled call, and does not harm the next', async () => {
  const cancel = new AbortController();
  const running = ensureEnvironment(directory, {
    ...OPTIONS,
    signal: cancel.signal,
    onEvent: () => cancel.abort(new Error('enough')),
  });
  await expect(running).rejects.toMatchObject({ code: 'CALL_CANCELLED', name: 'AbortError' });
  expect((await ensureEnvironment(directory, OPTIONS)).marker.state).toBe('ready');
});

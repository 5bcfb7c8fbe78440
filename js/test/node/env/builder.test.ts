import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BuildRequest, runBuilder } from '../../../src/node/env/builder.js';
import type { EnvironmentEvent } from '../../../src/node/env/events.js';
import { runtimeFolder } from '../../../src/node/env/runtime.js';
import { executable, temporaryFolder } from './temporary.js';

const MARKER = JSON.stringify({
  format: 1,
  state: 'ready',
  directory: '/m',
  runtime: { version: '0.1.0', sha256: 'aa' },
  inputs: [],
  interpreter: { path: '/p', version: '3.11.7', base: '/b' },
  launch: { python: '/p', script: '/l' },
  codec: null,
});

const RUNTIME_DIR = process.env.SYNAPSE_RUNTIME_DIR;
let folder: string;

afterEach(() => {
  delete process.env.SYNAPSE_RUNTIME_DIR;
  if (RUNTIME_DIR !== undefined) process.env.SYNAPSE_RUNTIME_DIR = RUNTIME_DIR;
});

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** A build whose "Python" is a shell script. */
async function request(script: string, signal = new AbortController().signal) {
  const path = await executable(folder, 'python', script);
  const events: EnvironmentEvent[] = [];
  const build: BuildRequest = {
    directory: join(folder, 'module'),
    interpreter: { path, version: '3.11.7' },
    unpacked: '/unpacked',
    python: '3.12',
    backend: 'uv',
    dialect: 'raw',
    signal,
    onEvent: (event) => events.push(event),
  };
  return { build, events };
}

test('events are passed on in order and the marker is the result', async () => {
  const { build, events } = await request(`
    echo '{"event":"phase","phase":"install","message":"Installing"}'
    echo 'a line that is no event'
    echo '{"event":"kind of a later release"}'
    echo '{"event":"ready","marker":${MARKER}}'`);
  const marker = await runBuilder(build);
  expect(marker.launch).toEqual({ python: '/p', script: '/l' });
  expect(events).toEqual([
    { event: 'phase', phase: 'install', message: 'Installing' },
    { event: 'log', line: 'a line that is no event' },
  ]);
});

test('the builder is told everything on its command line, and runs isolated', async () => {
  process.env.SYNAPSE_RUNTIME_DIR = '/runtime';
  const { build } = await request(
    `for argument; do echo "$argument"; done > '${folder}/arguments'; echo '{"event":"ready","marker":${MARKER}}'`,
  );
  await runBuilder(build);
  const given = (await readFile(join(folder, 'arguments'), 'utf8')).trimEnd().split('\n');
  expect(given.slice(0, 4)).toEqual(['-I', '-X', 'utf8', '-c']);
  expect(given.slice(5)).toEqual([
    ...['/unpacked', 'env', 'sync', join(folder, 'module'), '--events', '--watch-stdin'],
    ...['--backend', 'uv', '--dialect', 'raw', '--runtime', '/runtime', '--python', '3.12'],
  ]);
});

test('the builder knows from its environment that npm has installed it', async () => {
  const { build } = await request(
    `echo "$SYNAPSE_RUNTIME_DIR" > '${folder}/runtime'; echo '{"event":"ready","marker":${MARKER}}'`,
  );
  await runBuilder(build);
  expect((await readFile(join(folder, 'runtime'), 'utf8')).trimEnd()).toBe(runtimeFolder());
});

test('a failure keeps its code, the lines of the tool and the advice', async () => {
  const failure = {
    code: 'PACKAGE_NOT_FOUND',
    message: 'No package is called "numpyy".',
    details: { lines: ['ERROR: no match'], hint: 'Did you mean numpy?', log_path: '/m/build.log' },
  };
  const { build } = await request(
    `echo '${JSON.stringify({ event: 'error', error: failure })}'; exit 1`,
  );
  await expect(runBuilder(build)).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'PACKAGE_NOT_FOUND',
    message:
      'No package is called "numpyy".\n  | ERROR: no match\nWhat to do: Did you mean numpy?\n' +
      'Full log: /m/build.log',
    lines: ['ERROR: no match'],
    hint: 'Did you mean numpy?',
    logPath: '/m/build.log',
    retryable: false,
  });
});

test('a builder that dies without a word is reported with its stderr', async () => {
  const { build } = await request('echo "Traceback: it broke" >&2; exit 3');
  await expect(runBuilder(build)).rejects.toMatchObject({
    code: 'BUILD_FAILED',
    message: expect.stringContaining('exit code 3'),
    lines: ['Traceback: it broke'],
  });
});

test.each([null, 5, 'broken', { code: 7, message: null, details: { lines: 'abc', hint: 5 } }])(
  'an error event of a form that nobody knows (%j) is a failed build',
  async (error) => {
    const { build } = await request(`echo '${JSON.stringify({ event: 'error', error })}'; exit 1`);
    await expect(runBuilder(build)).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'BUILD_FAILED',
      message: 'The environment builder failed, and did not say why.',
      lines: [],
      hint: undefined,
    });
  },
);

test('a process that a builder leaves behind with its output is not waited for', async () => {
  const { build, events } = await request(
    `sleep 60 & echo '{"event":"log","line":"'$!'"}'; echo "it broke" >&2; exit 6`,
  );
  await expect(runBuilder(build)).rejects.toMatchObject({
    message: expect.stringContaining('exit code 6'),
    lines: ['it broke'],
  });
  const [left] = events;
  expect(left?.event === 'log' && process.kill(Number(left.line), 'SIGKILL')).toBe(true);
});

test('an interpreter that cannot be started is an EnvironmentError', async () => {
  const { build } = await request('');
  const missing = { ...build, interpreter: { path: join(folder, 'no-python'), version: '3.11.7' } };
  await expect(runBuilder(missing)).rejects.toMatchObject({ code: 'PYTHON_NOT_FOUND' });
});

test('a cancelled build ends when its standard input does, before it is terminated', async () => {
  const cancel = new AbortController();
  const { build } = await request(
    `echo '{"event":"log","line":"started"}'; cat > /dev/null; echo asked > '${folder}/ending'`,
    cancel.signal,
  );
  const running = runBuilder({ ...build, onEvent: () => cancel.abort(new Error('enough')) });
  await expect(running).rejects.toThrow('enough');
  expect(await readFile(join(folder, 'ending'), 'utf8')).toBe('asked\n');
});

test('a listener that throws fails the build, and does not leave it running', async () => {
  const { build } = await request(
    `echo '{"event":"log","line":"started"}'; cat > /dev/null; echo asked > '${folder}/ending'`,
  );
  const ending = new Promise<string>((resolve) => {
    const watcher = watch(folder, async () => {
      const text = await readFile(join(folder, 'ending'), 'utf8').catch(() => '');
      if (text === '') return;
      watcher.close();
      resolve(text);
    });
  });
  const onEvent = (): void => {
    throw new Error('listener broke');
  };
  await expect(runBuilder({ ...build, onEvent })).rejects.toThrow('listener broke');
  expect(await ending).toBe('asked\n');
});

test('a build that is cancelled already is not started', async () => {
  const { build } = await request(`touch '${folder}/started'`, AbortSignal.abort(new Error('no')));
  await expect(runBuilder(build)).rejects.toThrow('no');
  await expect(readFile(join(folder, 'started'))).rejects.toThrow('ENOENT');
});

test('a builder that was stopped by SIGSTOP is killed when the build is given up', async () => {
  const cancel = new AbortController();
  const { build } = await request(
    `echo '{"event":"log","line":"'$$'"}'; kill -STOP $$; echo '{"event":"ready","marker":${MARKER}}'`,
    cancel.signal,
  );
  let builder = 0;
  await expect(
    runBuilder({
      ...build,
      onEvent(event) {
        if (event.event === 'log') builder = Number(event.line);
        cancel.abort(new Error('enough'));
      },
    }),
  ).rejects.toThrow('enough');
  expect(builder).toBeGreaterThan(0);
  expect(() => process.kill(builder, 0)).toThrow('ESRCH');
});

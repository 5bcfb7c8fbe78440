// Good manners in a foreign house: the host's streams, signals, threads and globals are its own.
import { describe, expect, it } from '@jest/globals';
import { Host, runHost } from '../support/host.js';
import { isAlive } from '../support/processes.js';
import { copyOfModule, sharedModule } from '../support/scratch.js';
import { eventually, within } from '../support/waiting.js';

describe('The host', () => {
  it('keeps its stdin: no byte of it goes to a worker', async () => {
    const host = new Host('stdin.mjs', [sharedModule('native')]);
    host.write('before\n');
    await host.said('worker read');
    host.write('after\n');
    host.endInput();
    const end = await within(20_000, 'the host ends', host.ended);
    expect(end.stdout).toContain('host read "before\\nafter\\n"');
    expect(end.code).toBe(0);
  });

  it('keeps its stdout clean, also while an environment is built and Python talks', async () => {
    const end = await runHost('quiet.mjs', [copyOfModule('native')]);
    expect(end).toMatchObject({ code: 0, stdout: '' });
    // What Python says goes to stderr under the name of the module, and nothing else does.
    const lines = end.stderr.split('\n').filter(Boolean);
    expect(lines.filter((line) => !line.startsWith('🐍 native: '))).toEqual([]);
    expect(end.stderr).toContain('🐍 native: printf: loud');
  });

  it('hears nothing at all when it takes the logs itself', async () => {
    const end = await runHost('quiet.mjs', [copyOfModule('native'), 'onLog']);
    expect(end).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  it('sees nothing happen on import: no output, no listener, no handle', async () => {
    const end = await runHost('import-only.mjs');
    expect(end.stderr).toBe('');
    expect(JSON.parse(end.stdout)).toEqual({ events: [], handles: [], globals: [], env: [] });
  });

  it('keeps its signal handlers, listeners, working directory, environment and globals through a life of a worker', async () => {
    const end = await runHost('import-only.mjs', [sharedModule('native')]);
    expect(end.stderr).toBe('');
    expect(JSON.parse(end.stdout)).toEqual({ events: [], handles: [], globals: [], env: [] });
  });

  it('hands its environment variables to Python, those set at run time as well', async () => {
    const end = await runHost('environment.mjs', [sharedModule('native')], {
      env: { SYNAPSE_DRILL_EARLY: 'from the shell' },
    });
    expect(JSON.parse(end.stdout)).toEqual(['from the shell', 'from the program', null]);
  });

  it('may be CommonJS, and errors are recognised across both builds', async () => {
    const end = await runHost('both-builds.cjs', [sharedModule('native')]);
    expect(end.stderr).toBe('');
    expect(JSON.parse(end.stdout)).toEqual({
      sum: 6,
      recognised: [true, true],
      code: 'METHOD_NOT_FOUND',
    });
  });

  it('may be a worker thread that ends long after its client, and closes no file of others', async () => {
    const end = await runHost('thread-files.mjs', [sharedModule('native')]);
    expect(end.stderr).toBe('');
    expect(JSON.parse(end.stdout)).toEqual({ pid: expect.any(Number), lost: 0 });
  });

  it('may be a worker thread, whose end neither kills the workers of others nor leaves its own', async () => {
    const end = await runHost('threads.mjs', [sharedModule('native')]);
    expect(end.stderr).toBe('');
    const { mainPid, again, threadPid } = JSON.parse(end.stdout) as Record<string, number>;
    expect(again).toBe(mainPid);
    await eventually(
      'both have gone',
      () => !isAlive(Number(mainPid)) && !isAlive(Number(threadPid)),
    );
  });
});

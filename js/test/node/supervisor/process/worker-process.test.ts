import { describe, expect, it } from '@jest/globals';
import { WorkerProcess } from '../../../../src/node/supervisor/process/worker-process.js';
import { PYTHON } from '../../support/python.js';
import { eventually, isAlive } from '../../support/waiting.js';

function python(code: string): { process: WorkerProcess; lines: string[] } {
  const lines: string[] = [];
  const spec = { command: PYTHON, args: ['-I', '-S', '-u', '-c', code] };
  const process = new WorkerProcess(spec, false, (output, line) =>
    lines.push(`${output}: ${line}`),
  );
  // Whoever owns a process reads its control channel; here nobody else does.
  process.controlSocket.resume();
  return { process, lines };
}

describe('A worker process', () => {
  it('is captured line by line and tells how it ended', async () => {
    const { process, lines } = python(
      'import sys; print("out"); print("err", file=sys.stderr); sys.exit(7)',
    );
    expect(await process.exited).toEqual({ exitCode: 7, signal: null, stderrTail: 'err' });
    expect(lines.sort()).toEqual(['stderr: err\n', 'stdout: out\n']);
  });

  it('that does not exist ends with the reason', async () => {
    const process = new WorkerProcess({ command: '/no/such/python', args: [] }, false, () => {});
    process.controlSocket.resume();
    const exit = await process.exited;
    expect(exit.spawnError?.message).toContain('ENOENT');
    expect(exit.exitCode).toBeNull();
  });

  it('asked to end is not signalled while it still may end by itself', async () => {
    const { process, lines } = python(
      'import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print("told"))\nprint("up")\ntime.sleep(0.2)',
    );
    await eventually('it runs', () => lines.includes('stdout: up\n'));
    expect((await process.end(5000, 5000)).exitCode).toBe(0);
    expect(lines).not.toContain('stdout: told\n');
  });

  it('that ignores SIGTERM is killed, with its children', async () => {
    const { process, lines } = python(
      [
        'import signal, subprocess, sys, time',
        'signal.signal(signal.SIGTERM, signal.SIG_IGN)',
        'child = subprocess.Popen([sys.executable, "-c", "import signal,time; signal.signal(15, 1); time.sleep(600)"])',
        'print(child.pid)',
        'time.sleep(600)',
      ].join('\n'),
    );
    const line = await eventually('it runs', () => lines[0]);
    const child = Number(line.slice('stdout: '.length));
    expect((await process.end(0, 100)).signal).toBe('SIGKILL');
    expect([isAlive(process.pid ?? 0), isAlive(child)]).toEqual([false, false]);
  });

  it('that ends by itself takes its children along', async () => {
    const { process, lines } = python(
      'import subprocess, sys; print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid)',
    );
    await process.exited;
    const child = Number(lines[0]?.slice('stdout: '.length));
    expect(child).toBeGreaterThan(1);
    expect(isAlive(child)).toBe(false);
  });

  it.each(['setpgrp', 'setsid'])(
    'takes along what has left its process group by %s',
    async (move) => {
      const { process, lines } = python(
        [
          'import os, subprocess, sys, time',
          'sleep = [sys.executable, "-c", "import time; time.sleep(600)"]',
          `child = subprocess.Popen(sleep, preexec_fn=os.${move})`,
          'print(child.pid)',
          'time.sleep(600)',
        ].join('\n'),
      );
      const line = await eventually('it runs', () => lines[0]);
      await process.end(0, 5000);
      expect(isAlive(Number(line.slice('stdout: '.length)))).toBe(false);
    },
  );

  it('resolves as soon as it has gone, not after the time it was given', async () => {
    const { process, lines } = python('print("up")\nimport time; time.sleep(600)');
    await eventually('it runs', () => lines.length > 0);
    const start = performance.now();
    expect((await process.end(0, 30_000)).signal).toBe('SIGTERM');
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('in a hurry overtakes an end that is patient', async () => {
    const { process, lines } = python('print("up")\nimport time; time.sleep(600)');
    await eventually('it runs', () => lines.length > 0);
    const patient = process.end(30_000, 30_000);
    await process.end(0, 1000);
    expect((await patient).signal).toBe('SIGTERM');
  });
});

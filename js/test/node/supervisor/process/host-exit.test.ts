import { describe, expect, it } from '@jest/globals';
import { killAtExit } from '../../../../src/node/supervisor/process/host-exit.js';
import { WorkerProcess } from '../../../../src/node/supervisor/process/worker-process.js';
import { PYTHON } from '../../support/launch.js';
import { eventually, isAlive } from '../../support/waiting.js';

const listeners = (): number => process.listenerCount('exit');
/** Calls what our module listens with, without an exit of the whole test run. */
const exitOf = (known: readonly unknown[]): void => {
  for (const listener of process.listeners('exit')) {
    if (!known.includes(listener)) (listener as (code: number) => void).call(process, 0);
  }
};

describe('At the exit of this process', () => {
  it('what is registered is killed, and what was taken back is not', () => {
    const known = process.listeners('exit');
    const killed: string[] = [];
    const takeBack = ['a', 'b', 'c'].map((name) => killAtExit(() => killed.push(name)));
    takeBack[1]?.();
    exitOf(known);
    expect(killed).toEqual(['a', 'c']);
    for (const take of takeBack) take();
  });

  it('one listener serves all, and none is left when there is nothing to kill', () => {
    const before = listeners();
    const takeBack = Array.from({ length: 20 }, () => killAtExit(() => undefined));
    expect(listeners()).toBe(before + 1);
    for (const take of takeBack) take();
    for (const take of takeBack) take();
    expect(listeners()).toBe(before);
  });

  it('a worker process dies with what it started, whatever group that moved to', async () => {
    const known = process.listeners('exit');
    const code = [
      'import os, subprocess, sys, time',
      'child = subprocess.Popen(["/bin/sleep", "300"], preexec_fn=os.setpgrp)',
      'print(child.pid); time.sleep(300)',
    ].join('\n');
    const spec = { command: PYTHON, args: ['-I', '-u', '-c', code] };
    const lines: string[] = [];
    const worker = new WorkerProcess(spec, false, (_, line) => lines.push(line));
    worker.controlSocket.resume();
    const child = Number(await eventually('it says who its child is', () => lines[0]));
    exitOf(known);
    expect((await worker.exited).signal).toBe('SIGKILL');
    expect(isAlive(child)).toBe(false);
    expect(process.listeners('exit')).toEqual(known);
  });

  it('one that does not lead its group yet and carries no mark dies too, as a zygote at its start', async () => {
    const known = process.listeners('exit');
    const spec = {
      command: PYTHON,
      args: ['-I', '-u', '-c', 'import time; print("up"); time.sleep(300)'],
      env: { SYNAPSE_WORKER_PID: '0000000000' },
    };
    const lines: string[] = [];
    const zygote = new WorkerProcess(spec, false, (_, line) => lines.push(line));
    zygote.controlSocket.resume();
    await eventually('it runs', () => lines[0]);
    exitOf(known);
    const { signal } = await zygote.end(2000, 2000);
    expect(signal).toBe('SIGKILL');
  });
});

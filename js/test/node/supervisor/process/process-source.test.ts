import { describe, expect, it } from '@jest/globals';
import { SpawningSource } from '../../../../src/node/supervisor/process/process-source.js';
import { PYTHON } from '../../support/python.js';
import { spawned } from '../../support/spawned.js';
import { eventually } from '../../support/waiting.js';

const printing = (text: string): SpawningSource =>
  new SpawningSource({ command: PYTHON, args: ['-I', '-S', '-u', '-c', text] }, false);

describe('A source that spawns', () => {
  it('has who starts a process first get the one that was begun, with all that it prints', async () => {
    const source = printing('print("up"); import time; time.sleep(600)');
    source.begin();
    expect(spawned()).toHaveLength(1);
    const lines: string[] = [];
    const process = source.start((output, line) => lines.push(`${output}: ${line}`));
    expect(spawned().map(({ pid }) => pid)).toEqual([process.pid]);
    await eventually('it is heard', () => lines.includes('stdout: up\n'));
    const other = source.start(() => {});
    expect(spawned().map(({ pid }) => pid)).toEqual([process.pid, other.pid]);
    await source.close();
    expect(spawned().map(({ signalCode }) => signalCode)).toEqual([null, null]);
    await Promise.all([process.end(0, 0), other.end(0, 0)]);
  });

  it('ends a process that was begun and that nobody has started', async () => {
    const source = printing('import time; time.sleep(600)');
    source.begin();
    await source.close();
    expect(spawned().map(({ signalCode }) => signalCode)).toEqual(['SIGTERM']);
  });

  it('tells who starts a process why none could be begun', () => {
    const source = printing('no\0text');
    source.begin();
    expect(() => source.start(() => {})).toThrow(/null bytes/);
  });
});

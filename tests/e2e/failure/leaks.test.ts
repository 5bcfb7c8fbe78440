// Many lives of a worker in one process: nothing is left open, nothing listens on, nothing rejects unheard.
import { describe, expect, it } from '@jest/globals';
import { runHost } from '../support/host.js';
import { sharedModule } from '../support/scratch.js';

interface Residue {
  descriptors: number;
  children: number;
  listeners: Record<string, number>;
  handles: number;
  rejections: string[];
  warnings: string[];
}

const nothing: Residue = {
  descriptors: 0,
  children: 0,
  listeners: {},
  handles: 0,
  rejections: [],
  warnings: [],
};

describe('After fifty lives nothing is left', () => {
  it.each([
    ['of the drop-in class', 'raw', 'synapse'],
    ['of the drop-in class, its script killed in a call', 'raw', 'synapse-killed'],
    ['of a client', 'native', 'client'],
    ['of a client, terminated in the middle of calls and streams', 'native', 'client-terminated'],
  ])('%s', async (_, module, manner) => {
    const end = await runHost('lives.mjs', [sharedModule(module), manner], { withinMs: 60_000 });
    expect(end.stderr).toBe('');
    expect(end.code).toBe(0);
    expect(JSON.parse(end.stdout)).toEqual(nothing);
  });

  it('twenty thousand calls of one client leave nothing in memory', async () => {
    const end = await runHost('many-calls.mjs', [sharedModule('native')], { withinMs: 60_000 });
    expect(end.stderr).toBe('');
    const { grownBytes, workerGrownBytes } = JSON.parse(end.stdout) as Record<string, number>;
    expect(grownBytes).toBeLessThan(10 * 1024 * 1024);
    expect(workerGrownBytes).toBeLessThan(20 * 1024 * 1024);
  });
});

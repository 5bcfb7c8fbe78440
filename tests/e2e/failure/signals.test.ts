// SIGINT and SIGTERM of a host whose client handles them: what runs finishes, Python tears down, then the signal ends the host.
import { constants } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { Host } from '../support/host.js';
import { newPath } from '../support/pools.js';
import { isAlive, isPending } from '../support/processes.js';
import { linesOf, sharedModule } from '../support/scratch.js';
import { eventually, within } from '../support/waiting.js';

async function hostWithCall(notes: string, seconds: number, ...more: string[]) {
  const host = new Host('signals.mjs', [sharedModule('native'), notes, String(seconds), ...more]);
  const pid = await host.said<number>('pid');
  await host.said('ready');
  return { host, pid };
}

describe('A host whose client handles signals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s lets the call finish and Python tear down, and ends by the signal',
    async (signal) => {
      const notes = newPath();
      const { host, pid } = await hostWithCall(notes, 0.3);
      host.kill(signal);
      const end = await within(15_000, 'the host ends', host.ended);
      expect(end).toMatchObject({ signal, stderr: '' });
      expect(end.stdout).toContain('call "ended"');
      expect(linesOf(notes)).toEqual([String(pid)]);
      expect(isAlive(pid)).toBe(false);
    },
  );

  it('by a second one ends at once', async () => {
    const notes = newPath();
    const { host, pid } = await hostWithCall(notes, 300);
    host.kill('SIGTERM');
    // Of two that are pending the kernel delivers the lower first.
    await eventually('it has the first', () => !isPending(host.pid, constants.signals.SIGTERM));
    host.kill('SIGINT');
    const end = await within(30_000, 'the host ends', host.ended);
    expect(end.signal).toBe('SIGTERM');
    expect(end.stdout).toContain('call "CLOSED"');
    await eventually('the worker has gone', () => !isAlive(pid));
  });

  it('that listens itself decides itself whether it ends', async () => {
    const notes = newPath();
    const { host, pid } = await hostWithCall(notes, 0.1, 'listens');
    host.kill('SIGTERM');
    await host.said('heard');
    await host.said('call');
    await eventually('the worker has gone', () => !isAlive(pid));
    expect(isAlive(host.pid)).toBe(true);
    host.kill('SIGKILL');
    await host.ended;
  });
});

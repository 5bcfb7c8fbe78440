/** A pool that takes newer code while it serves. */
import { describe, expect, it } from '@jest/globals';
import { nativeClient, specOf } from '../support/launch.js';
import { errorOf, eventually } from '../support/waiting.js';

describe('A reload', () => {
  it('puts new workers in the place of the old, which finish what they have', async () => {
    const client = await nativeClient({ workers: 2 });
    const before = client.workers.map(({ pid }) => pid);
    const napping = client.call('nap', [0.3]);
    await client.reload(specOf('native'));
    const now = await client.call('pid');
    expect(before).not.toContain(now);
    expect(await napping).toBe('rested');
    await eventually('the old have gone', () => client.workers.length === 2);
    expect(client.workers.map(({ pid }) => pid)).not.toEqual(expect.arrayContaining(before));
  });

  it('leaves those that run when the new cannot start', async () => {
    const client = await nativeClient();
    const before = await client.call('pid');
    expect(await errorOf(client.reload(specOf('broken')))).toMatchObject({
      code: 'MODULE_START_FAILED',
    });
    expect(await client.call('pid')).toBe(before);
    // Nor are workers started by what failed when one has to be replaced later.
    await errorOf(client.call('die'));
    expect(await client.call('echo', ['alive'])).toBe('alive');
  });

  it('tells of every worker that took the place of another', async () => {
    const client = await nativeClient();
    const replaced: object[] = [];
    client.onReplaced = (home) => replaced.push(home);
    await client.reload(specOf('native'));
    expect(replaced).toHaveLength(1);
    await errorOf(client.call('die'));
    await eventually('the replacement is told', () => replaced.length === 2);
  });

  it('follows another, and ends with its client', async () => {
    const client = await nativeClient();
    await Promise.all([client.reload(specOf('native')), client.reload(specOf('native'))]);
    expect(client.workers.filter(({ state }) => state === 'ready')).toHaveLength(1);
    const interrupted = errorOf(client.reload(specOf('native')));
    await client.terminate();
    expect(await interrupted).toMatchObject({ code: 'CLOSED' });
    expect(client.workers).toEqual([]);
  });
});

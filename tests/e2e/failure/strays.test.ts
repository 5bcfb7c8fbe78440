// Descendants that have left their worker's process group or session end with it all the same, where
// workers are forked.
import { describe, expect, it } from '@jest/globals';
import { Host } from '../support/host.js';
import { isAlive } from '../support/processes.js';
import { sharedModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('What has left the session of its worker', () => {
  it.each([1, 2, 3])('goes when Node is killed (%i)', async () => {
    const host = new Host('two-families.mjs', [sharedModule('native'), 'stay']);
    const family = await host.said<number[]>('family');
    expect(family.map(isAlive)).toEqual([true, true, true, true, true]);
    host.kill('SIGKILL');
    await host.ended;
    await eventually('all have gone', () => !family.some(isAlive));
  });

  it('goes when Node is killed while the zygote is stopped', async () => {
    const host = new Host('two-families.mjs', [sharedModule('native'), 'stay']);
    const family = await host.said<number[]>('family');
    process.kill(family[0] ?? 0, 'SIGSTOP');
    host.kill('SIGKILL');
    await host.ended;
    await eventually('all have gone', () => !family.some(isAlive));
  });

  it('goes when Node exits', async () => {
    const host = new Host('two-families.mjs', [sharedModule('native'), 'exit']);
    const family = await host.said<number[]>('family');
    expect((await host.ended).code).toBe(0);
    await eventually('all have gone', () => !family.some(isAlive));
  });

  it('is all that can be left where the zygote is killed with Node: workers see it themselves', async () => {
    const host = new Host('two-families.mjs', [sharedModule('native'), 'stay']);
    const [zygote = 0, ...family] = await host.said<number[]>('family');
    process.kill(zygote, 'SIGKILL');
    host.kill('SIGKILL');
    await host.ended;
    const [worker = 0, stray = 0, other = 0, otherStray = 0] = family;
    await eventually('both workers have gone', () => ![worker, other].some(isAlive));
    for (const pid of [stray, otherStray]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
});

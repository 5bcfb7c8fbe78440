// What gunicorn's workers do when their arbiter has gone (they notice their parent's change), said again of Synapse's:
// they are gone with it, at once, whatever they were doing, and a new host finds nothing of them.
import { describe, expect, it } from '@jest/globals';
import { Host } from '../support/host.js';
import { isAlive } from '../support/processes.js';
import { sharedModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const busy = (work: unknown): Host =>
  new Host('busy.mjs', [sharedModule('native'), JSON.stringify(work)]);

describe('When the parent has gone (gunicorn)', () => {
  it('a worker that is stopped dies too, and does not come back', async () => {
    const host = busy([null, []]);
    const family = await host.said<number[]>('family');
    for (const pid of family) process.kill(pid, 'SIGSTOP');
    host.kill('SIGKILL');
    await host.ended;
    await eventually('all have gone', () => !family.some(isAlive));
  });

  it('a parent that is only stopped is no reason to go', async () => {
    const host = busy(['sleep', [300]]);
    const family = await host.said<number[]>('family');
    process.kill(host.pid, 'SIGSTOP');
    await eventually('it is stopped', () => !host.stdout.includes('nothing'));
    expect(family.map(isAlive)).toEqual(family.map(() => true));
    process.kill(host.pid, 'SIGCONT');
    host.kill('SIGKILL');
    await host.ended;
    await eventually('all have gone', () => !family.some(isAlive));
  });

  it('hosts that die at the same moment leave nothing', async () => {
    const hosts = Array.from({ length: 6 }, (_, n) =>
      busy([n % 2 ? 'spin' : 'sleep', n % 2 ? [] : [300]]),
    );
    const families = await Promise.all(hosts.map((host) => host.said<number[]>('family')));
    for (const host of hosts) host.kill('SIGKILL');
    await Promise.all(hosts.map(({ ended }) => ended));
    await eventually('all have gone', () => !families.flat().some(isAlive));
  });
});

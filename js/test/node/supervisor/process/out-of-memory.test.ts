import { describe, expect, it } from '@jest/globals';
import { OutOfMemoryKills } from '../../../../src/node/supervisor/process/out-of-memory.js';

type Files = Record<string, string>;
const killsIn = (files: Files) => new OutOfMemoryKills((path) => files[path]);

const VERSION_2: Files = {
  '/proc/self/cgroup': '0::/user.slice/app\n',
  '/sys/fs/cgroup/user.slice/app/memory.events': 'low 0\nmax 4\noom 3\noom_kill 2\n',
};

describe('Kills for lack of memory', () => {
  it('are those that came since the last look', () => {
    const files = { ...VERSION_2 };
    const kills = killsIn(files);
    const since = kills.count();
    expect(kills.claim(since)).toBe(false);
    files['/sys/fs/cgroup/user.slice/app/memory.events'] = 'oom 5\noom_kill 4\n';
    const claims = Array.from({ length: 3 }, () => kills.claim(since));
    expect(claims).toEqual([true, true, false]);
  });

  it('of others before a worker was started are none of its own', () => {
    const files = { ...VERSION_2 };
    const kills = killsIn(files);
    const before = kills.count();
    files['/sys/fs/cgroup/user.slice/app/memory.events'] = 'oom_kill 3\n';
    expect(kills.claim(kills.count())).toBe(false);
    // Nor does one that starts in its place, before its end is told, take it from the one that was killed.
    expect(kills.claim(before)).toBe(true);
    expect(kills.claim(before)).toBe(false);
  });

  it.each<[string, string, string, string]>([
    [
      'of version 1',
      '9:memory:/docker/12\n3:cpu,cpuacct:/docker/12\n',
      '/sys/fs/cgroup/memory/docker/12/memory.oom_control',
      'oom_kill_disable 0\nunder_oom 0\noom_kill %\n',
    ],
    [
      'of version 1 in a container',
      '9:memory:/docker/12\n',
      '/sys/fs/cgroup/memory/memory.oom_control',
      'oom_kill %\n',
    ],
    ['of version 2 in a container', '0::/../x\n', '/sys/fs/cgroup/memory.events', 'oom_kill %\n'],
    ['of the root of version 2', '0::/\n', '/sys/fs/cgroup/memory.events', 'oom_kill %\n'],
    [
      'of no memory controller',
      '1:name=systemd:/\n',
      '/proc/vmstat',
      'nr_free_pages 1\noom_kill %\n',
    ],
  ])('are counted in a control group %s', (_, groups, path, text) => {
    const files: Files = { '/proc/self/cgroup': groups, [path]: text.replace('%', '7') };
    const kills = killsIn(files);
    const since = kills.count();
    files[path] = text.replace('%', '8');
    expect(kills.claim(since)).toBe(true);
    expect(kills.claim(since)).toBe(false);
  });

  it('cannot be told where the system does not count them', () => {
    const kills = killsIn({});
    expect(kills.claim(kills.count())).toBe(false);
  });
});

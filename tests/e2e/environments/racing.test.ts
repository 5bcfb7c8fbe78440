// Several who need one environment at once, and tools that take their time.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startSynapse } from '../support/command.js';
import { Host, runHost } from '../support/host.js';
import { copyOfModule, newFolder } from '../support/scratch.js';

describe('An environment that is needed', () => {
  it('by two Node processes and a command at once is built once', async () => {
    const directory = copyOfModule('raw');
    const hosts = [0, 1].map(() => new Host('spawn.mjs', [directory, 'echo']));
    const command = startSynapse(['env', 'sync', directory, '--dialect', 'raw'], newFolder());
    const ends = await Promise.all([...hosts.map(({ ended }) => ended), command.ended]);
    expect(ends.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual(
      Array(3).fill([0, '']),
    );
    // Each build that begins anew makes another folder.
    const folder = statSync(join(directory, '.venv')).ino;
    for (const { stdout } of ends.slice(0, 2)) {
      expect(stdout).toContain(`venv ${folder}\n`);
      expect(stdout).toContain('reply ');
    }
    const log = readFileSync(join(directory, '.venv/synapse/build.log'), 'utf8');
    expect(log.match(/^\$ .* (?:venv|virtualenv) --/gm)).toHaveLength(1);
  });
});

describe('A build whose every tool waits for the event loop of the program', () => {
  it('comes to its end, so nothing holds that loop up', async () => {
    const uv = join(newFolder(), 'uv');
    const gates = newFolder();
    // The pipe has its name only when it is there; who waits for ever is ended by the probe's deadline.
    writeFileSync(
      uv,
      `#!/bin/sh\nmkfifo '${gates}'/$$ && read -r _ < '${gates}'/$$ && rm '${gates}'/$$\nexec '${realUv()}' "$@"\n`,
    );
    chmodSync(uv, 0o755);
    const arguments_ = [copyOfModule('raw'), gates];
    const end = await runHost('opens-gates.mjs', arguments_, { env: { SYNAPSE_UV: uv } });
    expect(end.stderr).toBe('');
    const { opened } = JSON.parse(end.stdout) as { opened: number };
    // Its version, the environment, the packages.
    expect(opened).toBeGreaterThanOrEqual(2);
  });
});

/** The uv that is on this machine for the tests. */
function realUv(): string {
  const code = 'from synapse_worker.env.backends.uv import find_uv; print(find_uv())';
  const python = join(__dirname, '../../../.venv/bin/python');
  return execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim();
}

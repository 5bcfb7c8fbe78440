// What is typed into the terminal of a host is for the host: its workers share the session, and hear nothing.
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { python } from '../support/command.js';
import { Host } from '../support/host.js';
import { newPath } from '../support/pools.js';
import { linesOf, scratchRoot, sharedModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('Under a terminal', () => {
  it.each([
    ['forked', true],
    ['spawned', false],
  ])(
    'Ctrl-C, Ctrl-Z and hanging up reach Node, and not a worker that was %s',
    async (_, zygote) => {
      const notes = newPath();
      const program = [process.execPath, join(scratchRoot, 'hosts/keys.mjs')];
      const args = [...program, sharedModule('native'), notes, String(zygote)];
      const host = new Host('terminal.py', args, { program: python });
      const awaited = (signal: string): Promise<unknown> =>
        eventually(
          `a call runs: ${host.stdout}`,
          () => linesOf(notes).at(-1) === `${signal} awaited`,
        );

      await awaited('SIGINT');
      host.write(CTRL_C);
      await awaited('SIGTSTP');
      host.write(CTRL_Z);
      await awaited('SIGHUP');
      host.endInput();
      await eventually('the client is closed', () => linesOf(notes).at(-1) === 'closed');

      const [first, ...others] = linesOf(notes);
      const pid = first?.replace('worker ', '');
      expect(others).toEqual([
        ...['SIGINT', 'SIGTSTP', 'SIGHUP'].flatMap((signal) => [
          `${signal} awaited`,
          `${signal} ${pid}`,
        ]),
        'closed',
      ]);
    },
  );
});

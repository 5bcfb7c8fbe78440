import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ForkedPipeNumbers,
  openForkedPipes,
} from '../../../../../src/node/supervisor/process/zygote/forked-pipes.js';
import { openForSockets } from '../../../../../src/node/transport/adoption.js';
import { PYTHON } from '../../../support/python.js';

/** Makes the pipes of a worker and says the numbers of our ends, as a fork of the zygote does. */
const MAKE_PIPES = `
import json, os, signal
numbers = {name: os.pipe()[1] for name in ("input", "cancel", "control_input", "life")}
numbers |= {name: os.pipe()[0] for name in ("output", "control_output", "stdout", "stderr")}
print(json.dumps(numbers), flush=True)
signal.pause()
`;

const LONGEST_END_MS = 10_000;

const ownDescriptors = (): number => readdirSync('/proc/self/fd').length;

let maker: ChildProcess;

async function made(): Promise<{ pid: number; numbers: ForkedPipeNumbers }> {
  maker = spawn(PYTHON, ['-I', '-c', MAKE_PIPES], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(
    createInterface({ input: maker.stdout as NodeJS.ReadableStream }),
    'line',
  );
  return { pid: maker.pid as number, numbers: JSON.parse(line) };
}

/** Kills a process and returns when it holds nothing any more. */
function killNow(pid: number): void {
  process.kill(pid, 'SIGKILL');
  const until = performance.now() + LONGEST_END_MS;
  while (existsSync(`/proc/${pid}/fd/1`)) {
    if (performance.now() > until) throw new Error('It lives.');
  }
}

afterEach(() => {
  maker.kill('SIGKILL');
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('The pipes of a forked worker', () => {
  it('leave nothing open when it dies before it is told that they are', async () => {
    const { pid, numbers } = await made();
    const before = ownDescriptors();
    const { data, control, stdout, stderr, lifeFd } = openForkedPipes(pid, numbers, () => {
      killNow(pid);
      return { dump: false, ledger: false };
    });
    data.cancel.close();
    data.transport.destroy();
    for (const stream of [control.input, control.output, stdout, stderr]) stream.destroy();
    closeSync(lifeFd);
    await new Promise(setImmediate); // when sockets close what they own
    // The end of its own stdout has been seen by now, or is to come.
    expect(ownDescriptors()).toBeLessThanOrEqual(before);
  });

  it.each([
    ['one that is not there', 9999, /ENOENT/],
    ['one that is no pipe', 0, /no pipe/],
    ['what is no number', 1.5, /no descriptor/],
  ])('are all opened, or none: with %s', async (_, fd, reason) => {
    const { pid, numbers } = await made();
    const before = ownDescriptors();
    const ends = [
      [numbers.output, constants.O_RDONLY],
      [numbers.input, constants.O_WRONLY],
      [fd, constants.O_RDONLY],
    ] as const;
    expect(() => openForSockets(pid, ends)).toThrow(reason);
    expect(ownDescriptors()).toBe(before);
  });
});

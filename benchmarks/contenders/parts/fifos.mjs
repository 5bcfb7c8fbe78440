// A pair of pipes that the child made and this process opens through /proc: the channel with the least between the ends.
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';

/**
 * Starts a script that writes the numbers of its descriptors to stdout and waits for a byte.
 *
 * @returns what it said, each descriptor opened with its flags, and `close()`
 */
export async function openFifos(python, script, flags) {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise((resolve) =>
    child.stdout.once('data', (chunk) => resolve(String(chunk))),
  );
  const descriptors = line
    .trim()
    .split(' ')
    .map((number, at) => openSync(`/proc/${child.pid}/fd/${number}`, flags[at]));
  child.stdin.write('.');
  return {
    descriptors,
    /** Closes the first descriptor, at which the child ends, and those that nothing else owns. */
    close: async (owned = descriptors) => {
      for (const descriptor of owned) closeSync(descriptor);
      child.stdin.end();
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

export const WRITE = constants.O_WRONLY;
export const READ = constants.O_RDONLY;
export const READ_WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK;
export const READ_AND_WRITE = constants.O_RDWR;

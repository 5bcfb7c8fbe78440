// The limit of a pool: as many Python processes that do the same work in a loop, asked by nobody.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { script } from '../paths.mjs';

export const title = 'processes without a bridge';
export const about = 'as many Python processes doing the same in a loop, for as long';

const run = promisify(execFile);

export async function open({ python, workers }) {
  return {
    /** Resolves to the milliseconds of each piece of work, by process. */
    spinAlone: async (rounds, forMs) => {
      const args = [script('spin_alone.py'), String(rounds), String(forMs)];
      const outputs = await Promise.all(Array.from({ length: workers }, () => run(python, args)));
      return outputs.map(({ stdout }) => JSON.parse(stdout));
    },
    close: async () => {},
  };
}

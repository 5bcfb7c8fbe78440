// The limit for a worker in the place of another: a warm process forks on a byte, the child writes its number.
import { once } from 'node:events';
import { script } from '../paths.mjs';
import { startProgram } from './parts/children.mjs';

export const title = 'raw fork';
export const about =
  'a warm process with the same imports forks on a byte, its child writes its process id';

export async function open({ python }) {
  const { child, close } = startProgram(python, [script('fork_server.py')]);
  await once(child.stdout, 'data');
  return {
    /** Resolves once a new child has spoken. */
    startWorker: async () => {
      const spoken = once(child.stdout, 'data');
      child.stdin.write('.');
      await spoken;
    },
    close,
  };
}

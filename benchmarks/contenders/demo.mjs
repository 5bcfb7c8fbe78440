// `make demo`, until it shows the first thing that Python has told it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DEMO, demoProgram, ROOT } from '../paths.mjs';

export const title = 'the demo';
export const about =
  'what `make demo` runs: Node, the compiled example, a module with scikit-learn';
export const module = DEMO;

/** What the line says that begins with the answer of the first call. */
const FIRST_RESULT = 'scans of';

/** @param options `make`: by `make demo`, not by Node alone */
export async function open({ options: { make = false } = {} }) {
  const [command, ...args] = make ? ['make', 'demo'] : [process.execPath, demoProgram()];
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a group of its own: what `make` starts is ended with it
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    if (!line.includes(FIRST_RESULT)) continue;
    return {
      close: async () => {
        process.kill(-child.pid, 'SIGKILL'); // the worker's end is seen to by the kernel
        await ended;
      },
    };
  }
  throw new Error('the demo ended without a result; what does `make demo` say?');
}

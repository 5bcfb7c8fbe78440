// A Python program whose stdin and stdout are ours: it ends when its stdin does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Starts it; `close()` resolves when it has ended. */
export function startProgram(python, args) {
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    child,
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

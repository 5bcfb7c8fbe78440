/**
 * Hands the npm package's `synapse` command over to the Python command line: same arguments, same
 * terminal, same exit code, and an end by signal stays an end by that signal.
 */
import { spawn } from 'node:child_process';
import { findInterpreter } from './interpreter.js';
import { commandLine, runtimeFolder, unpackRuntime } from './runtime.js';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How the Python command line ended. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals };

/**
 * Run the Python command line with inherited stdio.
 *
 * @throws EnvironmentError when no Python was found or our sources cannot be unpacked.
 */
export async function runCommandLine(args: readonly string[]): Promise<Ending> {
  const interpreter = await findInterpreter();
  const unpacked = await unpackRuntime(interpreter);
  const child = spawn(interpreter.path, commandLine(unpacked, args), {
    stdio: 'inherit',
    env: {
      ...process.env,
      SYNAPSE_RUNTIME_DIR: runtimeFolder(),
      // Killed outright we can pass nothing on: a command that runs until Ctrl-C looks for us.
      SYNAPSE_PARENT_PID: String(process.pid),
    },
  });
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal's ^C reaches the child by itself; it decides, we wait for it.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<Ending>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(signal ? { signal } : { code: code ?? 1 }));
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

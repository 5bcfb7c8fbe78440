// The `synapse` command as a user types it, run from the checkout's own Python: what the npm package's bin hands over to.
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach } from '@jest/globals';
import type { HostEnd } from './host.js';
import { within } from './waiting.js';

const checkout = resolve(__dirname, '../../..');
/** The checkout's own Python. */
export const python = resolve(checkout, '.venv/bin/python');
/** What the bin passes on: environments get the same Synapse as from the package itself. */
const environment = { SYNAPSE_RUNTIME_DIR: resolve(checkout, 'js/python') };

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that runs, and what it has said so far. */
export class RunningCommand {
  stdout = '';
  stderr = '';
  readonly ended: Promise<HostEnd>;
  readonly #child: ChildProcess;

  constructor(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(program, args, {
      cwd,
      env: { ...process.env, CI: 'true', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((done) => {
      this.#child.on('close', (code, signal) => {
        running.delete(this.#child);
        done({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  stop(signal: NodeJS.Signals = 'SIGINT'): Promise<HostEnd> {
    this.#child.kill(signal);
    return within(20_000, 'the command ends', this.ended);
  }
}

/** Start `synapse …` and leave it running. */
export function startSynapse(args: readonly string[], cwd: string): RunningCommand {
  return new RunningCommand(python, ['-m', 'synapse_worker', ...args], cwd, environment);
}

/** Run `synapse …` to its end. */
export function synapse(args: readonly string[], cwd: string): Promise<HostEnd> {
  return within(240_000, `synapse ${args[0]} ends`, startSynapse(args, cwd).ended);
}

/** Run a Node program to its end. */
export function runNode(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<HostEnd> {
  const command = new RunningCommand(process.execPath, args, cwd, env);
  return within(120_000, `node ${args[0]} ends`, command.ended);
}

/** Where the checkout keeps a program that npm installed for its tests. */
export const installed = (path: string): string => resolve(checkout, 'js/node_modules', path);

/** Lets Node run TypeScript in a folder where no tsx is installed. */
export const tsx = ['--import', pathToFileURL(installed('tsx/dist/loader.mjs')).href];

/** The three TypeScripts that users are tested with. */
export const compilers: Record<string, string> = {
  '5.4': resolve(checkout, 'tests/compilers/node_modules/typescript-5.4/bin/tsc'),
  '5.9': resolve(checkout, 'tests/compilers/node_modules/typescript-5.9/bin/tsc'),
  '7': installed('typescript/bin/tsc'),
};

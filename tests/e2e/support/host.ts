// A Node process of its own that uses the package: for what would end or disturb the test process itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { scratchRoot } from './scratch.js';
import { within } from './waiting.js';

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

export interface HostEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export class Host {
  readonly pid: number;
  /** Resolves when the process has gone and its output is read to the end. */
  readonly ended: Promise<HostEnd>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();

  constructor(
    script: string,
    args: readonly string[] = [],
    options: {
      env?: NodeJS.ProcessEnv;
      cwd?: string;
      nodeArgs?: readonly string[];
      /** What runs the script, if not Node. */
      program?: string;
    } = {},
  ) {
    this.#child = spawn(
      options.program ?? process.execPath,
      [...(options.nodeArgs ?? []), join(scratchRoot, 'hosts', script), ...args],
      {
        // As a user's program runs, also where these drills run in CI: builds are silent then.
        env: { ...process.env, CI: undefined, ...options.env },
        cwd: options.cwd ?? scratchRoot,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    running.add(this.#child);
    if (this.#child.pid === undefined) throw new Error(`cannot start ${script}`);
    this.pid = this.#child.pid;
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      for (const look of this.#watchers) look();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        running.delete(this.#child);
        for (const look of this.#watchers) look();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** The JSON value after `label ` on a line of the host's stdout, as soon as that line is complete. */
  async said<T>(label: string, withinMs = 60_000): Promise<T> {
    const line = new RegExp(`^${label} (.*)\n`, 'm');
    const found = new Promise<T>((resolve, reject) => {
      const look = (): void => {
        const match = line.exec(this.stdout);
        if (match?.[1] !== undefined) resolve(JSON.parse(match[1]) as T);
        else if (this.#child.exitCode !== null) {
          reject(new Error(`host ended without saying "${label}": ${this.stdout}${this.stderr}`));
        }
      };
      this.#watchers.add(look);
      look();
    });
    return within(withinMs, `host says "${label}"`, found);
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Run a host to its end. */
export async function runHost(
  script: string,
  args: readonly string[] = [],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; withinMs?: number } = {},
): Promise<HostEnd> {
  const host = new Host(script, args, options);
  host.endInput();
  return within(options.withinMs ?? 60_000, `${script} ends`, host.ended);
}

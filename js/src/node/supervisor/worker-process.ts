/**
 * One OS child and its end: spawned as the leader of its own process group, its output captured
 * line by line, ended by a ladder (ask, SIGTERM, SIGKILL of the group), and reported gone only
 * when its children have gone too. It knows no protocol and no virtual environments.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { killAtExit } from './host-exit.js';
import { LineSplitter } from './line-splitter.js';
import { killSession, signalGroup, sweep } from './process-group.js';
import type { SpawnSpec } from './spawn-spec.js';
import { TextTail } from './text-tail.js';
import { within } from './within.js';

export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
  /** Set when there never was a process. */
  readonly spawnError?: Error;
}

export type OutputName = 'stdout' | 'stderr';

/** How long the captured output may stay open after the process ended (held by a stray child). */
const OUTPUT_GRACE_MS = 200;

const DATA_FD = 3;
const CONTROL_FD = 4;
const LIFE_FD = 5;

export class WorkerProcess {
  /** The process, its group and its output have ended. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  /** Typed for what was asked for: the library's type knows five. */
  readonly #stdio: readonly (Readable | Writable | null | undefined)[];
  readonly #stderrTail = new TextTail();
  readonly #outputs: Promise<void>[] = [];
  #gone = false;

  /**
   * @param rawStdio the worker's stdin and stdout are the data channel and are not captured
   * @param onLine gets captured lines, newline kept
   * @throws {Error} this process has no descriptors left; nothing was started
   */
  constructor(
    spec: SpawnSpec,
    rawStdio: boolean,
    onLine: (output: OutputName, line: string) => void,
  ) {
    this.#child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env as NodeJS.ProcessEnv | undefined,
      detached: true,
      stdio: [rawStdio ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    // Out of descriptors, Node starts nothing and makes no streams; it tells why only later.
    this.#stdio = this.#child.stdio;
    if (!this.#stdio?.[LIFE_FD]) {
      this.#child.once('error', () => undefined);
      throw new Error(
        'it could not be given its channels, because this process has too many files open. ' +
          'Raise the limit (ulimit -n), or start fewer workers.',
      );
    }
    this.exited = this.#watch();
    if (!rawStdio) this.#capture('stdout', onLine);
    this.#capture('stderr', onLine);
    // The last thing a worker says of its end comes on the control channel.
    this.#outputs.push(closed(this.controlSocket));
    // A worker never keeps its host alive by itself; what waits for it does.
    this.#child.unref();
    for (const stream of this.#stdio) {
      (stream as Partial<Socket> | null)?.unref?.();
      // A broken pipe is told by the process's end, which says more.
      stream?.on('error', () => undefined);
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stderrTail(): string {
    return this.#stderrTail.toString();
  }

  /** The portable data channel. */
  get dataSocket(): Socket {
    return this.#stdio[DATA_FD] as Socket;
  }

  get controlSocket(): Socket {
    return this.#stdio[CONTROL_FD] as Socket;
  }

  get stdin(): Writable {
    return this.#child.stdin as Writable;
  }

  get stdout(): Readable {
    return this.#child.stdout as Readable;
  }

  /** Sends a signal to the process itself, if it is still there. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#gone) this.#child.kill(signal);
  }

  /** Kills the whole group now. */
  kill(): void {
    if (!this.#gone && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
  }

  /**
   * Waits for a process that has been asked to end, then insists: SIGTERM after `askedMs`,
   * SIGKILL of the group `termMs` later. Resolves as soon as it has gone. A second, more
   * impatient call climbs a ladder of its own.
   */
  async end(askedMs: number, termMs: number): Promise<ProcessExit> {
    if (!(await within(askedMs, this.exited))) {
      this.signal('SIGTERM');
      if (!(await within(termMs, this.exited))) this.kill();
    }
    // Something must keep the host alive until the exit has been seen.
    const alive = setInterval(() => this.kill(), 1000);
    const exit = await this.exited;
    clearInterval(alive);
    return exit;
  }

  async #watch(): Promise<ProcessExit> {
    const child = this.#child;
    const { pid } = child;
    const forget = pid === undefined ? undefined : killAtExit(() => killSession(pid));
    const ended = await new Promise<Omit<ProcessExit, 'stderrTail'>>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
      child.once('error', (spawnError) => {
        // `error` is also told for a failed kill; only a child without a pid never ran.
        if (pid === undefined) resolve({ exitCode: null, signal: null, spawnError });
      });
    });
    this.#gone = true;
    forget?.();
    if (pid !== undefined) await sweep(pid);
    await within(OUTPUT_GRACE_MS, Promise.all(this.#outputs));
    // What another session's child holds open is no reason to keep ours; the data channel is
    // closed by the connection that reads it.
    for (const stream of [this.#stdio[CONTROL_FD], this.#stdio[LIFE_FD], child.stderr]) {
      stream?.destroy();
    }
    return { ...ended, stderrTail: this.stderrTail };
  }

  #capture(name: OutputName, onLine: (output: OutputName, line: string) => void): void {
    const stream = this.#child[name];
    if (stream === null) return;
    const lines = new LineSplitter((line) => {
      if (name === 'stderr') this.#stderrTail.add(line);
      onLine(name, line);
    });
    stream.on('data', (chunk: Buffer) => lines.feed(chunk));
    this.#outputs.push(closed(stream).then(() => lines.end()));
  }
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

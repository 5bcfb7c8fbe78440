/**
 * The other end of `synapse_worker/worker/zygote`: one process that has imported the module and
 * forks workers, what it is asked and what it says (`docs/protocol.md`, "The zygote").
 */

import { LineSplitter } from '../../line-splitter.js';
import { NO_ORIGIN, ORIGIN_VARIABLE } from '../descendants.js';
import type { OnLine, ProcessExit } from '../process-handle.js';
import type { SpawnSpec } from '../spawn-spec.js';
import { isTooManyFiles, tooManyFiles } from '../too-many-files.js';
import { WorkerProcess } from '../worker-process.js';
import type { ForkedPipeNumbers } from './forked-pipes.js';
import { ForkedProcess } from './forked-process.js';
import type { PendingProcess } from './pending-process.js';
import { SilenceWatch } from './silence-watch.js';

/** It has nothing to finish; what it should end itself is given this long. */
const CLOSE_LIMIT_MS = 1000;

export interface ZygoteEvents {
  /** It has imported the module and can fork. */
  onReady(zygote: Zygote): void;
  /** It has imported the module and cannot fork; it may be adopted as a worker. */
  onUnforkable(zygote: Zygote, reason: string): void;
  /** It has ended, and was not told to. */
  onEnded(zygote: Zygote, exit: ProcessExit): void;
}

interface Message {
  readonly event: string;
  readonly request: number;
  readonly pid: number;
  readonly fds: ForkedPipeNumbers;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly alone: boolean;
  readonly reason: string;
  readonly error: unknown;
}

export class Zygote {
  /** It has ended, and all that belonged to it. */
  readonly exited: Promise<ProcessExit>;
  readonly #process: WorkerProcess;
  readonly #events: ZygoteEvents;
  /** What was asked for and is not there yet, and what is there, by the number of the request. */
  readonly #pending = new Map<number, PendingProcess>();
  readonly #forked = new Map<number, ForkedProcess>();
  /** Requests of workers whose end it should have told and has not. */
  readonly #untold = new Set<number>();
  readonly #silence: SilenceWatch;
  readonly #receive: (chunk: Buffer) => void;
  #onLine: OnLine;
  #requests = 0;
  #crash: unknown;
  #closing = false;
  #stoodStill = false;

  /** @throws {Error} this process has no descriptors left; nothing was started */
  constructor(spec: SpawnSpec, onLine: OnLine, events: ZygoteEvents) {
    this.#events = events;
    this.#onLine = onLine;
    this.#process = new WorkerProcess(
      {
        ...spec,
        args: [...spec.args, 'zygote'],
        env: { ...spec.env, [ORIGIN_VARIABLE]: NO_ORIGIN },
      },
      false,
      (output, line) => this.#onLine(output, line),
    );
    this.#silence = new SilenceWatch(
      () => this.#pending.size > 0 || this.#untold.size > 0,
      () => {
        this.#stoodStill = true;
        this.#process.kill();
      },
    );
    const lines = new LineSplitter((line) => this.#hear(line));
    this.#receive = (chunk) => lines.feed(chunk);
    this.#process.controlSocket.on('data', this.#receive);
    this.exited = this.#process.exited.then((exit) => {
      this.#silence.stop();
      const told = this.#crash === undefined ? exit : { ...exit, crash: this.#crash };
      if (!this.#closing) this.#events.onEnded(this, told);
      for (const pending of this.takePending()) pending.fail(told);
      for (const forked of this.#forked.values()) forked.orphan();
      return told;
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** It was killed because it answered nothing any more. */
  get stoodStill(): boolean {
    return this.#stoodStill;
  }

  /** The workers that it has forked and that live. */
  get workers(): readonly number[] {
    return Array.from(this.#forked.values(), ({ pid }) => pid).sort((a, b) => a - b);
  }

  /** Has a worker forked. */
  fork(pending: PendingProcess): void {
    this.#requests += 1;
    this.#pending.set(this.#requests, pending);
    this.#send({ fork: this.#requests });
    this.#silence.asked();
  }

  /** Takes back what was asked for and is not there. */
  takePending(): PendingProcess[] {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    return pending;
  }

  /** From now on it is a worker; only for one that cannot fork. */
  adopt(onLine: OnLine): WorkerProcess {
    this.#closing = true;
    this.#onLine = onLine;
    this.#process.controlSocket.off('data', this.#receive);
    this.#send({ serve: true });
    return this.#process;
  }

  /** Forks no more, and ends when its workers have. */
  retire(): void {
    this.#closing = true;
    this.#send({ close: true });
    this.#endWhenAlone();
  }

  /** Ends it; workers that live go on, unless it has been retired. */
  async end(): Promise<ProcessExit> {
    this.#closing = true;
    await this.#process.end(CLOSE_LIMIT_MS, CLOSE_LIMIT_MS);
    return this.exited;
  }

  /** Ends one that is still at the import, which hears no asking. */
  async abort(): Promise<ProcessExit> {
    this.#closing = true;
    await this.#process.end(0, CLOSE_LIMIT_MS);
    return this.exited;
  }

  /** It does so by itself; that it does is seen to. */
  #endWhenAlone(): void {
    if (this.#closing && this.#forked.size === 0 && this.#pending.size === 0) void this.end();
  }

  #send(message: object): void {
    const socket = this.#process.controlSocket;
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  }

  #hear(line: string): void {
    this.#silence.heard();
    const message = parse(line);
    switch (message?.event) {
      case 'ready':
        // It ends what its workers have left in groups of their own.
        this.#process.outliveHost();
        this.#events.onReady(this);
        return;
      case 'unforkable':
        this.#events.onUnforkable(this, message.reason);
        return;
      case 'crash':
        this.#crash = message.error;
        return;
      case 'forked':
        this.#welcome(message);
        return;
      case 'unforked':
        this.#failPending(message.request, { spawnError: new Error(message.reason) });
        return;
      case 'exited':
        this.#bury(message);
        return;
      default:
        return;
    }
  }

  #welcome({ request, pid, fds }: Message): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    let forked: ForkedProcess;
    try {
      forked = new ForkedProcess(pid, fds, pending.onLine, {
        onUntold: () => this.#missReport(request),
        onGone: (gone) => this.#reap(request, gone),
      });
    } catch (error) {
      // Only its parent knows whether the pid still is its own.
      this.#send({ kill: pid });
      // One that has gone is told of, unless the zygote has gone too.
      if (!isMissing(error)) this.#failPending(request, { spawnError: unopened(error) });
      return;
    }
    this.#pending.delete(request);
    this.#forked.set(request, forked);
    pending.become(forked);
  }

  #bury({ request, pid, exit_code: exitCode, signal, alone }: Message): void {
    this.#untold.delete(request);
    const forked = this.#forked.get(request);
    if (forked !== undefined) {
      forked.ended({ exitCode, signal }, alone === true);
      return;
    }
    this.#failPending(request, { exitCode, signal });
    this.#send({ reap: pid });
  }

  #missReport(request: number): void {
    this.#untold.add(request);
    this.#silence.asked();
  }

  #reap(request: number, pid: number): void {
    this.#forked.delete(request);
    this.#send({ reap: pid });
    this.#endWhenAlone();
  }

  #failPending(request: number, exit: Partial<ProcessExit>): void {
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    pending?.fail({ exitCode: null, signal: null, stderrTail: this.#process.stderrTail, ...exit });
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function unopened(error: unknown): Error {
  if (isTooManyFiles(error)) return tooManyFiles(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`its channels could not be opened: ${reason}`, { cause: error });
}

/** What user code writes there by mistake, at the import, is nothing of ours. */
function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}

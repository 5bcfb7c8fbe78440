/**
 * What all processes of this machine share, spawned or forked: their signals, the ladder that ends
 * them, their output, their stacks. How they start, and how their end is seen, differs.
 */

import { existsSync } from 'node:fs';
import { CallLedger } from '../connection/call-ledger.js';
import { within } from '../within.js';
import { OutputCapture } from './output-capture.js';
import { signalGroup } from './process-group.js';
import type { OnLine, ProcessChannels, ProcessExit, ProcessHandle } from './process-handle.js';
import { StackDump, type StackThread } from './stack-dump.js';

export abstract class LocalProcess implements ProcessHandle {
  abstract readonly pid: number | undefined;
  abstract readonly exited: Promise<ProcessExit>;
  abstract readonly channels: Promise<ProcessChannels>;
  protected readonly output: OutputCapture;
  /** Its pid may be another's from now on. */
  protected gone = false;
  #stackDump: StackDump | undefined;
  #loopThread: number | undefined;
  #ledger: CallLedger | undefined;

  constructor(onLine: OnLine) {
    this.output = new OutputCapture(onLine);
  }

  /** Sends a signal to the process itself, which has not been reaped. */
  protected abstract deliver(signal: NodeJS.Signals): void;

  get stderrTail(): string {
    return this.output.stderrTail;
  }

  noteStderr(line: string): void {
    this.output.noteStderr(line);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.gone) this.deliver(signal);
  }

  kill(): void {
    if (this.gone || this.pid === undefined) return;
    // At the very beginning it does not lead a group yet.
    if (!signalGroup(this.pid, 'SIGKILL')) this.deliver('SIGKILL');
  }

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

  get ledger(): CallLedger | undefined {
    return this.#ledger;
  }

  openLedger(fd: number): boolean {
    if (this.gone || this.pid === undefined) return false;
    this.#ledger ??= CallLedger.open(this.pid, fd);
    return this.#ledger !== undefined;
  }

  openStackDump(fd: number): boolean {
    if (this.gone || this.pid === undefined) return false;
    try {
      this.#stackDump ??= StackDump.open(this.pid, fd);
      return true;
    } catch {
      // No /proc here, it may not be read, or this is a thread.
      return false;
    }
  }

  readStack(timeoutMs: number): Promise<string | undefined> {
    if (this.gone || this.#stackDump === undefined) return Promise.resolve(undefined);
    const { pid } = this;
    const threads: StackThread[] = [
      { title: `Main thread ${pid}`, ask: () => this.signal('SIGUSR2') },
    ];
    const loop = this.#loopThread;
    if (loop !== undefined) {
      threads.push({
        title: `Event loop thread ${loop}`,
        ask: () => this.#signalThread(loop),
        // The main thread's ends with its program.
        mayBeOwn: (stack) => !stack.endsWith(' in <module>'),
      });
    }
    return this.#stackDump.read(timeoutMs, threads);
  }

  noteLoop(thread: number): void {
    this.#loopThread = thread;
  }

  /** Has one of its threads write its stack. What is sent to a thread's id goes to its process, by way of that thread. */
  #signalThread(thread: number): void {
    // An id may be anybody's once its thread has ended.
    if (this.gone || !existsSync(`/proc/${this.pid}/task/${thread}`)) return;
    try {
      process.kill(thread, 'SIGUSR2');
    } catch {
      // It has ended in this very moment.
    }
  }

  /** Its end has been seen: it is signalled no more. */
  protected markGone(): void {
    this.gone = true;
    this.#stackDump?.close();
    this.#ledger?.close();
  }
}

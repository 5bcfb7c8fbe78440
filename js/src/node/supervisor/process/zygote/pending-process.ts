/** A process that is on its way: asked for, and maybe not there yet; from then on, that process. */
import type { CallLedger } from '../../connection/call-ledger.js';
import type { OnLine, ProcessChannels, ProcessExit, ProcessHandle } from '../process-handle.js';

export class PendingProcess implements ProcessHandle {
  readonly onLine: OnLine;
  readonly exited: Promise<ProcessExit>;
  readonly channels: Promise<ProcessChannels>;
  readonly #onCancel: (pending: PendingProcess) => void;
  #resolveExited!: (exit: ProcessExit | Promise<ProcessExit>) => void;
  #resolveChannels!: (channels: Promise<ProcessChannels>) => void;
  #real: ProcessHandle | undefined;
  #cancelled = false;
  /** What was said to stderr by who should have started it. */
  #failedTail = '';

  /** @param onCancel told when it is not wanted any more; it then fails, or is killed when it is there */
  constructor(onLine: OnLine, onCancel: (pending: PendingProcess) => void) {
    this.onLine = onLine;
    this.#onCancel = onCancel;
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
    this.channels = new Promise((resolve) => {
      this.#resolveChannels = resolve;
    });
  }

  /** It is there. */
  become(real: ProcessHandle): void {
    this.#real = real;
    this.#resolveExited(real.exited);
    this.#resolveChannels(real.channels);
    if (this.#cancelled) real.kill();
  }

  /** There will be none. */
  fail(exit: ProcessExit): void {
    this.#failedTail = exit.stderrTail;
    this.#resolveExited(exit);
  }

  get pid(): number | undefined {
    return this.#real?.pid;
  }

  get stderrTail(): string {
    return this.#real?.stderrTail ?? this.#failedTail;
  }

  noteStderr(line: string): void {
    this.#real?.noteStderr(line);
  }

  signal(signal: NodeJS.Signals): void {
    this.#real?.signal(signal);
  }

  kill(): void {
    if (this.#real === undefined) this.#cancel();
    else this.#real.kill();
  }

  async end(askedMs: number, termMs: number): Promise<ProcessExit> {
    if (this.#real !== undefined) return this.#real.end(askedMs, termMs);
    this.#cancel();
    // Something must keep the host alive until the exit has been seen.
    const alive = setInterval(() => undefined, 1000);
    const exit = await this.exited;
    clearInterval(alive);
    return exit;
  }

  get ledger(): CallLedger | undefined {
    return this.#real?.ledger;
  }

  openLedger(fd: number): boolean {
    return this.#real?.openLedger(fd) ?? false;
  }

  openStackDump(fd: number): boolean {
    return this.#real?.openStackDump(fd) ?? false;
  }

  noteLoop(thread: number): void {
    this.#real?.noteLoop(thread);
  }

  readStack(timeoutMs: number): Promise<string | undefined> {
    return this.#real?.readStack(timeoutMs) ?? Promise.resolve(undefined);
  }

  #cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#onCancel(this);
  }
}

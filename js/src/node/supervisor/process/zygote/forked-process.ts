/**
 * A process that the zygote forked. It is the zygote's child, not ours: the zygote tells how it
 * ended, and keeps its pid from being another's until it is told that nobody signals it any more.
 */
import { closeSync } from 'node:fs';
import { killAtExit } from '../host-exit.js';
import { LocalProcess } from '../local-process.js';
import { killSession, sweep } from '../process-group.js';
import type { OnLine, ProcessChannels, ProcessExit } from '../process-handle.js';
import { type ForkedPipeNumbers, openForkedPipes } from './forked-pipes.js';
import { isSameProcess, startTimeOf } from './process-identity.js';

/** How often a process is looked at whose zygote has died: nobody else tells of its end. */
const ORPHAN_POLL_MS = 50;

export type ForkedExit = Pick<ProcessExit, 'exitCode' | 'signal'>;

export class ForkedProcess extends LocalProcess {
  readonly exited: Promise<ProcessExit>;
  readonly channels: Promise<ProcessChannels>;
  readonly pid: number;
  readonly #startTime: string | undefined;
  readonly #reap: (pid: number) => void;
  #tellEnd!: (exit: ForkedExit) => void;
  #orphaned = false;

  /**
   * @param numbers of the pipe ends that are to be ours
   * @param reap told when nothing will be sent to this pid any more
   * @throws {Error} the pipes cannot be opened
   */
  constructor(
    pid: number,
    numbers: ForkedPipeNumbers,
    onLine: OnLine,
    reap: (pid: number) => void,
  ) {
    super(onLine);
    this.pid = pid;
    this.#reap = reap;
    const { control, data, stdout, stderr, lifeFd } = openForkedPipes(pid, numbers);
    this.#startTime = startTimeOf(pid);
    this.output.capture('stdout', stdout);
    this.output.capture('stderr', stderr);
    // The last thing a worker says of its end comes on the control channel.
    this.output.await(control.input);
    this.channels = Promise.resolve({ control, pipes: data });
    const ended = new Promise<ForkedExit>((resolve) => {
      this.#tellEnd = resolve;
    });
    this.exited = this.#watch(ended, () => {
      control.input.destroy();
      control.output.destroy();
      closeSync(lifeFd);
    });
    // It waits for this before it closes its own copies of our ends.
    const dump = this.openStackDump(numbers.dump);
    control.output.write(`${JSON.stringify({ channel: 'pipes', ...(dump && { dump }) })}\n`);
  }

  /** The zygote has seen it end. */
  ended(exit: ForkedExit): void {
    this.#tellEnd(exit);
  }

  /** The zygote has died: it lives on, and how it ends will not be known. */
  orphan(): void {
    this.#orphaned = true;
    const timer = setInterval(() => {
      if (this.#isThere()) return;
      clearInterval(timer);
      this.#tellEnd({ exitCode: null, signal: null });
    }, ORPHAN_POLL_MS).unref();
    void this.exited.then(() => clearInterval(timer));
  }

  override kill(): void {
    if (this.#mayBeSignalled()) super.kill();
  }

  protected override deliver(signal: NodeJS.Signals): void {
    if (!this.#mayBeSignalled()) return;
    try {
      process.kill(this.pid, signal);
    } catch {
      // It has gone.
    }
  }

  /** Without a zygote that holds it back, its pid may be another's already. */
  #mayBeSignalled(): boolean {
    return !this.#orphaned || this.#isThere();
  }

  #isThere(): boolean {
    return isSameProcess(this.pid, this.#startTime);
  }

  async #watch(ended: Promise<ForkedExit>, close: () => void): Promise<ProcessExit> {
    const forget = killAtExit(() => {
      if (this.#mayBeSignalled()) killSession(this.pid);
    });
    const exit = await ended;
    this.markGone();
    forget();
    await sweep(this.pid);
    this.#reap(this.pid);
    await this.output.ended();
    close();
    return { ...exit, stderrTail: this.stderrTail };
  }
}

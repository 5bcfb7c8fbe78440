/**
 * A process that the zygote forked. It is the zygote's child, not ours: the zygote tells how it
 * ended, and keeps its pid from being another's until it is told that nobody signals it any more.
 */
import { closeSync } from 'node:fs';
import { descendantsOf } from '../descendants.js';
import { killAtExit } from '../host-exit.js';
import { LocalProcess } from '../local-process.js';
import { type FindProcesses, killFamily, sweep } from '../process-group.js';
import type { OnLine, ProcessChannels, ProcessExit } from '../process-handle.js';
import { type ForkedPipeNumbers, openForkedPipes } from './forked-pipes.js';
import { type End, endOfZombie, isSameProcess, startTimeOf } from './process-identity.js';

/** How often a process is looked at whose zygote has died, or might not tell of its end. */
const POLL_MS = 50;
/** Looks at a process that has ended before its end counts as untold: a zygote may be busy. */
const LOOKS_FOR_THE_ZYGOTE = 6;

export interface ForkedProcessEvents {
  /** It has ended, and the zygote, which should have said so, has not. */
  onUntold(): void;
  /** Nothing will be sent to this pid any more. */
  onGone(pid: number): void;
}

export class ForkedProcess extends LocalProcess {
  readonly exited: Promise<ProcessExit>;
  readonly channels: Promise<ProcessChannels>;
  readonly pid: number;
  readonly #startTime: string | undefined;
  readonly #events: ForkedProcessEvents;
  #tellEnd!: (exit: End) => void;
  #orphaned = false;
  /** The zygote does not look after what it leaves behind. */
  #unattended = false;
  /** It has left nothing behind. */
  #alone = false;
  #poll: NodeJS.Timeout | undefined;

  /**
   * @param numbers of the pipe ends that are to be ours
   * @throws {Error} the pipes cannot be opened
   */
  constructor(
    pid: number,
    numbers: ForkedPipeNumbers,
    onLine: OnLine,
    events: ForkedProcessEvents,
  ) {
    super(onLine);
    this.pid = pid;
    this.#events = events;
    const { control, data, stdout, stderr, lifeFd } = openForkedPipes(pid, numbers, () => ({
      ledger: typeof numbers.ledger === 'number' && this.openLedger(numbers.ledger),
      dump: this.openStackDump(numbers.dump),
    }));
    this.#startTime = startTimeOf(pid);
    this.output.capture('stdout', stdout);
    this.output.capture('stderr', stderr);
    // The last thing a worker says of its end comes on the control channel.
    this.output.await(control.input);
    this.channels = Promise.resolve({ control, pipes: data });
    control.input.once('close', () => this.#expectEnd());
    const ended = new Promise<End>((resolve) => {
      this.#tellEnd = resolve;
    });
    this.exited = this.#watch(ended, () => {
      control.input.destroy();
      control.output.destroy();
      closeSync(lifeFd);
    });
  }

  /**
   * The zygote has seen it end.
   *
   * @param alone nothing that comes from it lives, as whoever adopts orphans knows without a look at every process
   */
  ended(exit: End, alone: boolean): void {
    this.#alone = alone;
    this.#tellEnd(exit);
  }

  /** The zygote has died: it lives on, and how it ends will not be known. */
  orphan(): void {
    this.#orphaned = true;
    this.#unattended = true;
    if (this.gone) return;
    this.#look(() => {
      if (!this.#isThere()) this.#tellEnd({ exitCode: null, signal: null });
    });
  }

  override kill(): void {
    if (!this.#mayBeSignalled()) return;
    super.kill();
    this.#expectEnd();
  }

  override end(askedMs: number, termMs: number): Promise<ProcessExit> {
    this.#expectEnd();
    return super.end(askedMs, termMs);
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

  /** What is in groups of its own is the zygote's to end, as long as there is one. */
  get #others(): FindProcesses | undefined {
    return this.#unattended ? descendantsOf : undefined;
  }

  #isThere(): boolean {
    return isSameProcess(this.pid, this.#startTime);
  }

  /** Its end is near, and seen here should the zygote stand still. */
  #expectEnd(): void {
    if (this.gone || this.#poll !== undefined) return;
    let looks = 0;
    this.#look(() => {
      const end = endOfZombie(this.pid, this.#startTime);
      if (end === undefined) return;
      looks += 1;
      if (looks < LOOKS_FOR_THE_ZYGOTE) return;
      this.#unattended = true;
      this.#events.onUntold();
      this.#tellEnd(end);
    });
  }

  #look(look: () => void): void {
    clearInterval(this.#poll);
    this.#poll = setInterval(look, POLL_MS).unref();
  }

  async #watch(ended: Promise<End>, close: () => void): Promise<ProcessExit> {
    const forget = killAtExit(() => {
      if (this.#mayBeSignalled()) killFamily(this.pid, this.#others);
    });
    const exit = await ended;
    clearInterval(this.#poll);
    this.markGone();
    forget();
    if (!this.#alone) await sweep(this.pid, this.#others);
    this.#events.onGone(this.pid);
    await this.output.ended();
    close();
    return { ...exit, stderrTail: this.stderrTail };
  }
}

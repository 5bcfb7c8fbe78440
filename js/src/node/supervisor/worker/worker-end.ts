/** The end of one worker: what it is told to end for, what we do to end it, what it ended of. */
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { WorkerExitReason } from '../../../core/worker-status.js';
import { outOfMemoryKills } from '../process/out-of-memory.js';
import type { ProcessExit } from '../process/process-handle.js';
import { systemTime } from '../time.js';
import { exitReason } from './exit-reason.js';

const NEVER = Number.POSITIVE_INFINITY;

/** What is known of how a worker ended. */
export interface EndOfWorker {
  readonly exit: ProcessExit;
  readonly reason: WorkerExitReason;
  /** What there is to say of the reason. */
  readonly explanation: string | undefined;
  /** Why its connection had ended before, if it had. */
  readonly closedBy: SynapseError | undefined;
}

const NO_EXIT: ProcessExit = { exitCode: null, signal: null, stderrTail: '' };

export class WorkerEnd {
  /** How it ended, once it has. */
  exit: ProcessExit | undefined;
  reason: WorkerExitReason | undefined;
  /** Why its connection ended before, if it did. */
  closedBy: SynapseError | undefined;
  /** What there is to say of the reason. */
  explanation: string | undefined;
  #asked: WorkerExitReason | undefined;
  #killedFor: WorkerExitReason | undefined;
  /** How many the kernel had killed for lack of memory when this one was started. */
  readonly #outOfMemory = outOfMemoryKills.count();
  /** When our own signals come. */
  #termAt = NEVER;
  #killAt = NEVER;

  /** What there is to say of it afterwards. */
  get facts(): EndOfWorker {
    const { exit = NO_EXIT, reason = 'exited', closedBy, explanation } = this;
    return { exit, reason, closedBy, explanation };
  }

  /** It is asked to end. The first reason counts, and only if it ends as asked. */
  ask(reason: WorkerExitReason): void {
    this.#asked ??= reason;
  }

  /** It is about to be killed, whatever else it was asked for. */
  condemn(reason: WorkerExitReason, explanation?: string): void {
    if (this.#killedFor !== undefined || this.exit !== undefined) return;
    this.#killedFor = reason;
    this.explanation = explanation;
  }

  /** SIGTERM comes after `askedMs`, SIGKILL `termMs` later. */
  insist(askedMs: number, termMs: number): void {
    const now = systemTime.now();
    this.#termAt = Math.min(this.#termAt, now + askedMs);
    this.#killAt = Math.min(this.#killAt, now + askedMs + termMs);
  }

  /** It has ended. */
  conclude(exit: ProcessExit, wasReady: boolean, crash: unknown): WorkerExitReason {
    const { signal } = exit;
    const now = systemTime.now();
    this.exit = exit;
    this.reason = exitReason({
      ...{ signal, wasReady, asked: this.#asked, killedFor: this.#killedFor },
      isUnseen:
        signal === null &&
        exit.exitCode === null &&
        exit.spawnError === undefined &&
        crash === undefined,
      isOwnSignal:
        (signal === 'SIGTERM' && now >= this.#termAt) ||
        (signal === 'SIGKILL' && now >= this.#killAt),
      crashed: crash !== undefined,
      brokeProtocol: this.closedBy !== undefined && isViolation(this.closedBy),
      wasOutOfMemory: () => outOfMemoryKills.claim(this.#outOfMemory),
    });
    return this.reason;
  }
}

/** Whether a connection ended because of what the worker sent, rather than with the worker. */
export function isViolation({ code }: SynapseError): boolean {
  return code !== 'CLOSED' && code !== 'FRAME_TRUNCATED';
}

/** Why a worker ended: what we ended it for, else what its end shows. */
import type { WorkerExitReason } from '../../../core/worker-status.js';

/** Signals by which the kernel ends a process that did what cannot be done. */
const FAULTS: ReadonlySet<string> = new Set(
  'SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT SIGSYS SIGTRAP SIGXFSZ'.split(' '),
);

/** What is known of a worker that has ended. */
export interface EndFacts {
  readonly signal: string | null;
  /** It ran, and nobody saw how it ended: what watched over it has gone, too. */
  readonly isUnseen: boolean;
  /** The signal was ours. */
  readonly isOwnSignal: boolean;
  /** It told of an exception that ended it. */
  readonly crashed: boolean;
  /** It sent what it must not, and was ended for that. */
  readonly brokeProtocol: boolean;
  /** It had become ready. */
  readonly wasReady: boolean;
  /** What it was asked to end for. */
  readonly asked: WorkerExitReason | undefined;
  /** What it was killed for. */
  readonly killedFor: WorkerExitReason | undefined;
  /** Whether the kernel has killed a process for lack of memory just now. */
  readonly wasOutOfMemory: () => boolean;
}

export function exitReason(facts: EndFacts): WorkerExitReason {
  const { signal, isOwnSignal, crashed, wasReady, asked, killedFor } = facts;
  if (killedFor !== undefined) return killedFor;
  if (facts.brokeProtocol) return 'protocol';
  const byItself = wasReady ? 'exited' : 'start-failed';
  if (isOwnSignal) return asked ?? byItself;
  if (facts.isUnseen) return asked ?? 'killed';
  if (signal === null && !(crashed && wasReady)) return asked ?? byItself;
  if (signal === 'SIGXCPU') return 'cpu-limit';
  if (signal === 'SIGKILL' && facts.wasOutOfMemory()) return 'out-of-memory';
  if (signal !== null && !FAULTS.has(signal)) return 'killed';
  return wasReady ? 'crashed' : 'start-failed';
}

/**
 * What becomes of a worker's calls when its process has ended: those that may have run fail, those
 * that certainly have not are the pool's again, for another worker.
 */
import { ModuleStartError, WorkerExitedError } from '../../../core/errors.js';
import { errorFromWire, type SynapseError } from '../../../core/protocol/errors.js';
import { setProperty } from '../../../core/protocol/own-properties.js';
import type { Task } from '../call/task.js';
import type { Connection, Dialect } from '../connection/connection.js';
import { describeExit, describeStartFailure } from './exit-report.js';
import { type EndOfWorker, isViolation } from './worker-end.js';
import type { WorkerReport } from './worker-link.js';

/** What is known of a worker that has ended. */
export interface Obituary extends EndOfWorker {
  /** What error messages call the module. */
  readonly name: string;
  readonly dialect: Pick<Dialect<Connection>, 'name' | 'crashError'>;
  /** What it said itself. */
  readonly report: WorkerReport;
}

export interface SettlementOptions<C extends Connection> extends Obituary {
  /** Whether it certainly never began this call. */
  readonly unbegun: (task: Task<C>) => boolean;
}

/** A call that may have run and may run again, and what its caller is told if it does not. */
export interface LostCall<C extends Connection> {
  readonly task: Task<C>;
  readonly error: SynapseError;
}

/** What a worker leaves to its pool, each kind in the order of dispatch. */
export interface Legacy<C extends Connection> {
  /** These certainly never ran. */
  readonly unbegun: Task<C>[];
  readonly lost: LostCall<C>[];
}

type AttemptedCall = Pick<Task, 'title' | 'attempts'>;

/** Settles the tasks a worker had, except those that may run again. */
export function settleAtExit<C extends Connection>(
  tasks: readonly Task<C>[],
  { unbegun: neverBegan, ...obituary }: SettlementOptions<C>,
): Legacy<C> {
  const unbegun: Task<C>[] = [];
  const lost: LostCall<C>[] = [];
  for (const task of [...tasks].sort((a, b) => a.sequence - b.sequence)) {
    const begun = !neverBegan(task);
    task.takenBack(begun);
    if (task.settled) continue;
    if (!begun) {
      // If it runs nowhere else after all. An attempt before this one may have run, though.
      task.loss ??= exitedError(obituary, task, false);
      unbegun.push(task);
      continue;
    }
    const error = lossOf(obituary, task);
    if (task.retryable) lost.push({ task, error });
    else task.fail(error);
  }
  return { unbegun, lost };
}

/** Why a worker could not start. */
export function startError({ name, exit, report }: Obituary, error: unknown): SynapseError {
  const message = describeStartFailure(name, exit, report, error);
  if (report.crash === undefined) {
    return new ModuleStartError(message, exit, { cause: exit.spawnError ?? error });
  }
  const crash = errorFromWire(report.crash);
  const cause = crash.cause instanceof Error ? crash.cause : crash;
  // Where it was raised stands in the message: printed with it, the cause need not say so again.
  setProperty(cause, 'stack', `${cause.name}: ${cause.message}`);
  return new ModuleStartError(message, exit, { details: crash.details, cause });
}

/** What a call is told that may have run. */
function lossOf(obituary: Obituary, task: AttemptedCall): SynapseError {
  const { dialect, report, closedBy } = obituary;
  // What a raw script writes is its answer: that it is none is the error of the call itself.
  if (dialect.name === 'raw' && closedBy !== undefined && isViolation(closedBy)) return closedBy;
  const { crash } = report;
  const raised = crash === undefined ? undefined : dialect.crashError(errorFromWire(crash));
  return raised ?? exitedError(obituary, task, true);
}

function exitedError(
  obituary: Obituary,
  { title, attempts }: AttemptedCall,
  maybeExecuted: boolean,
): WorkerExitedError {
  const { exit, report, closedBy, reason } = obituary;
  const { crash } = report;
  const message = describeExit(obituary, title, maybeExecuted, crash);
  const cause = crash === undefined ? closedBy : errorFromWire(crash);
  return new WorkerExitedError(message, exit, { reason, maybeExecuted, attempts, cause });
}

/** Which calls are made once more when their worker has died, in their own clocks. */

import { WorkerExitedError } from '../../../core/errors.js';
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { Connection } from '../connection/connection.js';
import type { Task } from './task.js';

/**
 * Whether a call that may have run is to run again: it does no harm by its caller's word, else by
 * its method's, else by the module's; nothing of it is used up; and it has not been tried enough.
 *
 * @param connection the worker's that had it
 */
export function runsAgain<C extends Connection>(task: Task<C>, connection: C): boolean {
  const { method, policy, attempts, retryable } = task;
  const idempotent = policy.idempotent ?? connection.methods?.get(method)?.idempotent === true;
  return idempotent && retryable && attempts <= policy.retries;
}

/** Fails a call; one that was lost with a worker and made again hears above all whether it may have run. */
export function failUnanswered<C extends Connection>(task: Task<C>, error: unknown): void {
  const { loss, owner } = task;
  // What had not begun where it was lost may have run where it is now.
  const saysTooLittle =
    owner !== undefined && loss instanceof WorkerExitedError && !loss.maybeExecuted;
  task.fail(loss === undefined || saysTooLittle ? error : afterLoss(loss, error));
}

/**
 * @param loss what the call would have been told without another attempt
 * @param why why that has not answered
 */
function afterLoss(loss: SynapseError, why: unknown): SynapseError {
  if (!(loss instanceof WorkerExitedError)) return loss;
  const reason = why instanceof Error ? why.message : String(why);
  const message = `${loss.message}\n\nNo other attempt has answered: ${reason}`;
  const { maybeExecuted, attempts } = loss;
  return new WorkerExitedError(message, loss, {
    ...{ reason: loss.reason, maybeExecuted, attempts, cause: why },
  });
}

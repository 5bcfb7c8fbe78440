/** Which calls are made once more when their worker has died, in their own clocks. */

import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';

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

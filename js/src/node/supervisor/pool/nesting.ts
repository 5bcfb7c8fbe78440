/**
 * Where a call goes that a callback makes: to the worker whose main thread waits for that callback,
 * or neither would ever end.
 */
import type { CallbackContext } from '../call/callback-context.js';
import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import type { Worker } from '../worker/worker.js';
import type { Workforce } from './workforce.js';

/** A place on top of a call that waits. */
export interface Nest<C extends Connection> {
  readonly worker: Worker<C>;
  /** The call that waits there, where its own callback made this one; none, where another's did. */
  readonly outer: Task<C> | undefined;
}

/** The place of a call made within a callback; none where nothing waits for that. */
export function findNest<C extends Connection>(
  workforce: Workforce<C>,
  task: Task<C>,
  within: CallbackContext,
): Nest<C> | undefined {
  const waiting = innermostWaiting(workforce, within);
  if (waiting === undefined) return undefined;
  const worker = task.home === undefined ? waiting.worker : workforce.of(task.home);
  if (worker?.takesNested !== true || !task.isSerial(worker.connection)) return undefined;
  return { worker, outer: worker === waiting.worker ? waiting.outer : undefined };
}

/** The innermost of these calls that a main thread of the pool waits in, and its worker. */
function innermostWaiting<C extends Connection>(
  workforce: Workforce<C>,
  within: CallbackContext,
): { outer: Task<C>; worker: Worker<C> } | undefined {
  for (let context: CallbackContext | undefined = within; context !== undefined; ) {
    const { task, running }: CallbackContext = context;
    const worker = running && task.waits && !task.settled ? workforce.of(task.owner) : undefined;
    // Owned by one of its workers, it is of this pool's kind.
    if (worker !== undefined) return { outer: task as Task<C>, worker };
    context = task.within;
  }
  return undefined;
}

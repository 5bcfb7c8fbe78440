/** Which of the calls that a worker had when it ended it certainly never began. */
import type { Task } from '../call/task.js';
import type { Connection, Dialect } from '../connection/connection.js';
import type { LastRead } from '../connection/control.js';

/** What is known of what a worker was at when it ended. */
export interface LastMoments<C extends Connection> {
  readonly dialect: Pick<Dialect<C>, 'unbegun'>;
  readonly connection: C;
  /** The last call that it has begun, where it wrote that down. */
  readonly lastBegun: number | undefined;
  /** What it said itself that it had read. */
  readonly lastRead: LastRead | undefined;
  /** Whether we killed it while its main thread was certainly stuck in a call. */
  readonly wasStuck: boolean;
}

/**
 * What it wrote down is certain. Elsewhere: we killed it while its main thread was stuck in a call, so
 * what waited for that thread never ran. All else may have: killed by others it had gone on, and answers
 * that it had gathered are lost; async calls and streams begin while such an answer is on its way, or
 * from inside a call.
 */
export function neverBegan<C extends Connection>(task: Task<C>, moments: LastMoments<C>): boolean {
  const { dialect, connection, lastBegun, lastRead, wasStuck } = moments;
  if (lastBegun !== undefined) return task.id > lastBegun;
  if (wasStuck && !task.running && task.isSerial(connection)) return true;
  return dialect.unbegun(connection, task.id, lastRead);
}

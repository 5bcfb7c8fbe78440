/** The pool that a task was submitted to, as far as the task needs to know it. */
import type { WorkerStatus } from '../../../core/worker-status.js';
import type { PoolObserver } from '../../observe/observer.js';
import type { Keepalive } from './keepalive.js';

export interface TaskHost {
  readonly keepalive: Keepalive;
  /** How many calls wait for a worker. */
  readonly queued: number;
  /** How many more wait inside workers, which have them and have not begun them. */
  readonly sentAhead: number;
  readonly workers: readonly WorkerStatus[];
  readonly observer?: PoolObserver | undefined;
  /** A task that it accepted is settled, and nobody waits for what is left of it. */
  taskSettled(): void;
}

/** What the reason of a worker's end says about the next one. */
import type { WorkerExitReason } from '../../../core/worker-status.js';

const UNASKED: ReadonlySet<WorkerExitReason | undefined> = new Set<WorkerExitReason>([
  'crashed',
  'exited',
  'killed',
  'out-of-memory',
  'memory-limit',
  'cpu-limit',
  'protocol',
  'unresponsive',
]);

/** Whether it ended by itself, or because it was ill; not for a call that was given up, nor for us. */
export function isUnasked(reason: WorkerExitReason | undefined): boolean {
  return UNASKED.has(reason);
}

/** Whether something outside ended it, whatever it was doing. */
export function isAccident(reason: WorkerExitReason | undefined): boolean {
  return reason === 'killed' || reason === 'out-of-memory';
}

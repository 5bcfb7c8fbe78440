/** What has become of the worker processes of a pool, counted. */
import type { WorkerCounts } from '../../core/client/stats.js';
import type { WorkerExitReason } from '../../core/worker-status.js';

export class WorkerTally {
  started = 0;
  restarted = 0;
  recycled = 0;
  #exited = 0;
  readonly #exits = new Map<WorkerExitReason, number>();

  exited(reason: WorkerExitReason): void {
    this.#exited += 1;
    this.#exits.set(reason, (this.#exits.get(reason) ?? 0) + 1);
  }

  counts(): WorkerCounts {
    return {
      started: this.started,
      restarted: this.restarted,
      exited: this.#exited,
      exits: Object.fromEntries(this.#exits),
      recycled: this.recycled,
    };
  }
}

/** The pool of a task: counts who holds the host process, and whose callers wait for nothing more. */
import type { WorkerStatus } from '../../../src/core/worker-status.js';
import { Keepalive } from '../../../src/node/supervisor/call/keepalive.js';
import type { TaskHost } from '../../../src/node/supervisor/call/task-host.js';

class Holders extends Keepalive {
  count = 0;

  override hold(): void {
    this.count += 1;
    super.hold();
  }

  override release(): void {
    this.count -= 1;
    super.release();
  }
}

export class FakeHost implements TaskHost {
  readonly keepalive = new Holders();
  readonly queued: number = 3;
  readonly sentAhead: number = 0;
  readonly workers: readonly WorkerStatus[] = [];
  settled = 0;

  taskSettled(): void {
    this.settled += 1;
  }
}

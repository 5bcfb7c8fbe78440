/** Where the processes of a pool come from. */
import type { ZygoteStatus } from '../../../core/client/stats.js';
import type { OnLine, ProcessHandle } from './process-handle.js';
import type { SpawnSpec } from './spawn-spec.js';
import { WorkerProcess } from './worker-process.js';

export interface ProcessSource {
  /**
   * Starts one process.
   *
   * @throws {Error} this process has no descriptors left; nothing was started
   */
  start(onLine: OnLine): ProcessHandle;
  /**
   * Starts no more. What it has started lives on; what it holds itself goes with the last of them,
   * and the promise resolves then.
   */
  close(): Promise<void>;
  /** The warm process that it forks from, if any. */
  readonly zygote: ZygoteStatus;
}

/** Spawns each process anew. */
export class SpawningSource implements ProcessSource {
  readonly zygote: ZygoteStatus = { state: 'off' };
  readonly #spec: SpawnSpec;
  readonly #rawStdio: boolean;

  /** @param rawStdio the processes' stdin and stdout are the data channel and are not captured */
  constructor(spec: SpawnSpec, rawStdio: boolean) {
    this.#spec = spec;
    this.#rawStdio = rawStdio;
  }

  start(onLine: OnLine): ProcessHandle {
    return new WorkerProcess(this.#spec, this.#rawStdio, onLine);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

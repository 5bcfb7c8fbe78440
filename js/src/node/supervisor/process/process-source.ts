/** Where the processes of a pool come from. */
import type { ZygoteStatus } from '../../../core/client/stats.js';
import type { OnLine, ProcessHandle } from './process-handle.js';
import type { SpawnSpec } from './spawn-spec.js';
import { WorkerProcess } from './worker-process.js';

/** How long a process that nobody wants may take to end when it is told to. */
const UNWANTED_TERM_MS = 500;

export interface ProcessSource {
  /**
   * Asks for what the first process takes, before there is who has a use for it: an interpreter takes longer to start
   * than anything here. Where that fails, `start` says so. Who then starts none closes the source.
   */
  begin(): void;
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
  /** On its way, and nobody's yet. */
  #begun: WorkerProcess | undefined;
  /** Whose it became. */
  #hear: OnLine | undefined;

  /** @param rawStdio the processes' stdin and stdout are the data channel and are not captured */
  constructor(spec: SpawnSpec, rawStdio: boolean) {
    this.#spec = spec;
    this.#rawStdio = rawStdio;
  }

  begin(): void {
    try {
      this.#begun = this.#spawn((output, line) => this.#hear?.(output, line));
    } catch {
      // Whoever starts a process tries again, and is told.
    }
  }

  start(onLine: OnLine): ProcessHandle {
    const begun = this.#begun;
    if (begun === undefined) return this.#spawn(onLine);
    this.#begun = undefined;
    this.#hear = onLine;
    return begun;
  }

  async close(): Promise<void> {
    const begun = this.#begun;
    this.#begun = undefined;
    begun?.controlSocket.resume(); // nobody hears it, and its end is seen only there
    await begun?.end(0, UNWANTED_TERM_MS);
  }

  #spawn(onLine: OnLine): WorkerProcess {
    return new WorkerProcess(this.#spec, this.#rawStdio, onLine);
  }
}

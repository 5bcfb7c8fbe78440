/**
 * The processes of a pool through its reloads: a source for what runs, and one for what shall take
 * its place, which must first prove itself.
 */
import type { ProcessSource } from '../process/process-source.js';
import type { SpawnSpec } from '../process/spawn-spec.js';

export class ProcessSources {
  readonly #open: (spec: SpawnSpec) => ProcessSource;
  #spec: SpawnSpec;
  #current: ProcessSource;
  #freshSpec: SpawnSpec;
  #fresh: ProcessSource;

  constructor(spec: SpawnSpec, open: (spec: SpawnSpec) => ProcessSource) {
    this.#open = open;
    this.#spec = this.#freshSpec = spec;
    this.#current = this.#fresh = open(spec);
  }

  /** Starts processes like those that run. */
  get current(): ProcessSource {
    return this.#current;
  }

  /** Starts processes like those that shall run from now on. */
  get fresh(): ProcessSource {
    return this.#fresh;
  }

  /** What runs is out of date. @param spec what to run instead; by default it is started anew */
  renew(spec: SpawnSpec = this.#spec): ProcessSource {
    this.#closeFresh();
    this.#freshSpec = spec;
    this.#fresh = this.#open(spec);
    return this.#fresh;
  }

  /** A process of this source has started well: where it is what was asked for last, all are like it from now on. */
  prove(source: ProcessSource): void {
    if (source !== this.#fresh || source === this.#current) return;
    void this.#current.close();
    this.#current = source;
    this.#spec = this.#freshSpec;
  }

  /** Processes of this source cannot start: what ran before goes on, unless there is a newer one. */
  abandon(source: ProcessSource): void {
    if (source !== this.#fresh) return;
    this.#closeFresh();
    this.#fresh = this.#current;
    this.#freshSpec = this.#spec;
  }

  /** Starts nothing any more; resolves when the processes have gone. */
  async close(): Promise<void> {
    this.#closeFresh();
    await this.#current.close();
  }

  #closeFresh(): void {
    if (this.#fresh !== this.#current) void this.#fresh.close();
  }
}

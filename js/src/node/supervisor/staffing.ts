/**
 * Keeps a pool at as many workers as it should have: starts them, and replaces those that end after
 * a growing delay. One that cannot even start is tried again only when a later call asks for it.
 */
import type { Connection } from './connection.js';
import type { ProcessSource } from './process-source.js';
import type { ProcessSources } from './process-sources.js';
import { RestartDelay } from './restart-delay.js';

import type { Worker } from './worker.js';
import type { Workforce } from './workforce.js';

/** Useless workers in a row after which replacements wait for a call. */
const MAX_EAGER_FAILURES = 5;

/** The pool, as its staffing needs it. */
export interface Employer<C extends Connection> {
  /** Whether calls are taken. */
  readonly isOpen: boolean;
  /** Whether workers are needed for what is there, until the very end. */
  readonly isClosed: boolean;
  /** How many calls wait. */
  readonly queued: number;
  /** It takes calls from now on. */
  started(worker: Worker<C>): void;
  /** It took the place of another. */
  replaced(worker: Worker<C>): void;
  /** A worker could not start. */
  startFailed(error: unknown): void;
}

export interface StaffingOptions<C extends Connection> {
  readonly workforce: Workforce<C>;
  readonly sources: ProcessSources;
  readonly size: number;
  /** Replace a worker that ended even while nothing waits for it. */
  readonly eager: boolean;
}

export class Staffing<C extends Connection> {
  readonly #employer: Employer<C>;
  readonly #workforce: Workforce<C>;
  readonly #size: number;
  readonly #eager: boolean;
  readonly #sources: ProcessSources;
  readonly #restarts = new RestartDelay();
  #restartTimer: NodeJS.Timeout | undefined;
  /** Whether the last worker that ended had never been ready. */
  #startFailed = false;

  constructor(employer: Employer<C>, { workforce, sources, size, eager }: StaffingOptions<C>) {
    this.#employer = employer;
    this.#workforce = workforce;
    this.#sources = sources;
    this.#size = size;
    this.#eager = eager;
  }

  /** Starts all workers. @throws {ModuleStartError} for the first that could not start */
  async start(): Promise<void> {
    const boots = Array.from({ length: this.#size }, () => this.#boot(this.#sources.current).ready);
    await Promise.all(boots);
  }

  /** Starts a worker as all shall be started from now on, which is so once one has become ready. */
  startFresh(): { worker: Worker<C>; ready: Promise<void> } {
    const source = this.#sources.fresh;
    const { worker, ready } = this.#boot(source);
    const proved = ready.then(() => {
      this.#sources.prove(source);
      // How often workers of the old code have died says nothing of the new.
      this.#restarts.forget();
      this.#employer.replaced(worker);
    });
    return { worker, ready: proved };
  }

  /** Starts what is missing, now or after the delay. */
  fill(): void {
    if (this.#employer.isClosed || this.#restartTimer !== undefined) return;
    const live = this.#workforce.liveCount;
    if (live >= this.#size) return;
    // A call that finds no worker because none could start is worth one try at once.
    const wait = this.#startFailed && live === 0 ? 0 : this.#restarts.ms;
    if (wait === 0) {
      this.#startMissing();
      return;
    }
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.#startMissing();
    }, wait).unref();
  }

  /** A worker takes no more calls: another has its place, if one is wanted. */
  replaceSoon(): void {
    if (!this.#employer.isOpen) return;
    const wanted = this.#eager && this.#restarts.failures <= MAX_EAGER_FAILURES;
    if (wanted || this.#employer.queued > 0) this.fill();
  }

  /**
   * Notes the end of a worker.
   *
   * @param excused whether it was sent away, or is none of these yet
   */
  ended(worker: Worker<C>, excused: boolean): void {
    if (!excused) this.#restarts.recordEnd(worker.served > 0);
    this.#startFailed = !worker.wasReady;
  }

  /** Starts none by itself any more. */
  stop(): void {
    clearTimeout(this.#restartTimer);
  }

  #startMissing(): void {
    for (let missing = this.#size - this.#workforce.liveCount; missing > 0; missing--) {
      this.#startOne();
    }
  }

  #startOne(): void {
    try {
      const { worker, ready } = this.#boot(this.#sources.current);
      ready.then(() => this.#employer.replaced(worker)).catch(this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #failed = (error: unknown): void => this.#employer.startFailed(error);

  #boot(source: ProcessSource): { worker: Worker<C>; ready: Promise<void> } {
    const worker = this.#workforce.hire(source);
    const ready = worker.boot().then(() => this.#employer.started(worker));
    return { worker, ready };
  }
}

/**
 * New workers in place of old ones, while calls go on: each new one that has started relieves an old
 * one, which finishes what it has. Where a new one cannot start, the old ones that are left stay.
 */
import type { WorkerState } from '../../../core/worker-status.js';

/** A worker, as far as its relief goes. */
interface Relievable {
  readonly state: WorkerState;
  readonly inFlight: number;
  /** Takes no new calls, finishes those it has, and ends. */
  retire(reason: 'reloaded'): void;
  kill(reason: 'reloaded'): void;
}

/** The pool, as a reload needs it. */
export interface Crew<W> {
  /** How many there should be at the moment. */
  size(): number;
  /** Whether calls are taken. */
  isOpen(): boolean;
  /** The workers that serve, or will. */
  live(): readonly W[];
  /** Starts one more, which is live from now on; `ready` settles with its start. */
  start(): { readonly worker: W; readonly ready: Promise<unknown> };
}

export class Reload<W extends Relievable> {
  readonly #crew: Crew<W>;
  /** The workers that were there at the last request, and how many there should have been. */
  #old: ReadonlySet<W> = new Set();
  #size = 1;
  readonly #starting = new Set<W>();
  /** Those that have not started yet, and those that were sent away. */
  readonly #excused = new WeakSet<W>();
  #requested = false;
  #running: Promise<void> | undefined;

  constructor(crew: Crew<W>) {
    this.#crew = crew;
  }

  /**
   * Replaces every worker there is now; resolves when that is done. One request during another takes
   * its place: what that one is starting is out of date, and both end with the later one.
   *
   * @throws {ModuleStartError} the first new one that could not start
   */
  request(): Promise<void> {
    this.#old = new Set(this.#crew.live());
    // Where there is none, one shows that the new code can start.
    this.#size = Math.max(1, this.#crew.size());
    this.#requested = true;
    // They may be at an import that never ends, which the newer code is to mend.
    for (const worker of this.#starting) if (worker.state === 'starting') worker.kill('reloaded');
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Whether a worker that has ended was sent away, or never came to serve: no sign of illness. */
  excuses(worker: W): boolean {
    return this.#excused.has(worker);
  }

  async #run(): Promise<void> {
    while (this.#requested && this.#crew.isOpen()) {
      this.#requested = false;
      try {
        await this.#replaceAll();
      } catch (error) {
        if (!this.#requested && this.#crew.isOpen()) throw error;
      }
    }
  }

  async #replaceAll(): Promise<void> {
    // One goes ahead: code that cannot start costs one process, and is told of once.
    await this.#replaceOne();
    const missing = this.#isCurrent ? this.#size - 1 : 0;
    const rest = Array.from({ length: missing }, () => this.#replaceOne());
    for (const result of await Promise.allSettled(rest)) {
      if (result.status === 'rejected') throw result.reason;
    }
    // As many as there should be have started; what has become of them since is the pool's business.
    if (this.#isCurrent) for (const old of this.#oldOnes()) this.#sendAway(old);
  }

  async #replaceOne(): Promise<void> {
    const { worker, ready } = this.#crew.start();
    this.#starting.add(worker);
    this.#excused.add(worker);
    try {
      await ready;
    } finally {
      this.#starting.delete(worker);
    }
    this.#excused.delete(worker);
    const [leastBusy] = this.#oldOnes().sort((a, b) => a.inFlight - b.inFlight);
    const isSpare = this.#crew.live().length > this.#size;
    if (leastBusy !== undefined && isSpare && this.#isCurrent) this.#sendAway(leastBusy);
  }

  /** Whether what runs is what was asked for last, and still wanted. */
  get #isCurrent(): boolean {
    return !this.#requested && this.#crew.isOpen();
  }

  #oldOnes(): W[] {
    return this.#crew.live().filter((worker) => this.#old.has(worker));
  }

  #sendAway(worker: W): void {
    this.#excused.add(worker);
    worker.retire('reloaded');
  }
}

/** The workers that a pool has: makes them, counts them, and finds the one for a call. */

import { ModuleStartError } from '../../../core/errors.js';
import type { WorkerStatus } from '../../../core/worker-status.js';
import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import type { ProcessSource } from '../process/process-source.js';
import { Worker } from '../worker/worker.js';
import type { WorkerEvents, WorkerOptions } from '../worker/worker-options.js';

export class Workforce<C extends Connection> implements Iterable<Worker<C>> {
  readonly #options: Omit<WorkerOptions<C>, 'source'>;
  readonly #events: WorkerEvents<C, Worker<C>>;
  /** In the order they were hired; a list, because each call goes through it. */
  #workers: Worker<C>[] = [];

  constructor(options: Omit<WorkerOptions<C>, 'source'>, events: WorkerEvents<C, Worker<C>>) {
    this.#options = options;
    this.#events = events;
  }

  /** Adds a worker, whose process starts. @throws {ModuleStartError} there can be no process */
  hire(source: ProcessSource): Worker<C> {
    try {
      const worker = new Worker({ ...this.#options, source }, this.#events);
      this.#workers.push(worker);
      return worker;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `No worker of "${this.#options.name}" could be spawned: ${reason}`;
      const exit = { exitCode: null, signal: null, stderrTail: '' };
      throw new ModuleStartError(message, exit, { cause: error });
    }
  }

  /** Forgets a worker that has ended. */
  delete(worker: Worker<C>): void {
    // Another list: whoever goes through this one misses none of the others.
    this.#workers = this.#workers.filter((other) => other !== worker);
  }

  get statuses(): WorkerStatus[] {
    return Array.from(this.#workers, (worker) => worker.status);
  }

  /** How many serve, or will. */
  get liveCount(): number {
    let live = 0;
    for (const worker of this.#workers) if (isLive(worker)) live += 1;
    return live;
  }

  /** How many calls workers have. */
  get inFlight(): number {
    let calls = 0;
    for (const worker of this.#workers) calls += worker.inFlight;
    return calls;
  }

  /** How many calls workers have that they have not begun. */
  get sentAhead(): number {
    let waiting = 0;
    for (const worker of this.#workers) waiting += worker.sentAhead;
    return waiting;
  }

  /** How many calls those that are there have ended. */
  get answers(): number {
    let answers = 0;
    for (const worker of this.#workers) answers += worker.answers;
    return answers;
  }

  /** How many will serve. */
  get startingCount(): number {
    let starting = 0;
    for (const { state } of this.#workers) if (state === 'starting') starting += 1;
    return starting;
  }

  /** Those that serve, or will. */
  get live(): Worker<C>[] {
    return [...this.#workers].filter(isLive);
  }

  /** The worker that is this one, if it is one of these. */
  of(home: object | undefined): Worker<C> | undefined {
    for (const worker of this.#workers) if (worker === home) return worker;
    return undefined;
  }

  /** The one with room for this task and the least to do. */
  bestFor(task: Task<C>): Worker<C> | undefined {
    let best: Worker<C> | undefined;
    for (const worker of this.#workers) {
      if ((best === undefined || worker.inFlight < best.inFlight) && worker.hasRoom(task)) {
        best = worker;
        if (worker.inFlight === 0) break;
      }
    }
    return best;
  }

  /** Where none has room for this task: the one that would run it next, and is soonest free. */
  soonestFor(task: Task<C>): Worker<C> | undefined {
    let soonest: Worker<C> | undefined;
    for (const worker of this.#workers) {
      if ((soonest === undefined || worker.freeAt < soonest.freeAt) && worker.hasNext(task)) {
        soonest = worker;
      }
    }
    return soonest;
  }

  [Symbol.iterator](): IterableIterator<Worker<C>> {
    return this.#workers.values();
  }
}

/** Whether it serves, or will. */
function isLive({ state }: Pick<WorkerStatus, 'state'>): boolean {
  return state === 'ready' || state === 'starting';
}

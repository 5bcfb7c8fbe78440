/**
 * Sees that no call waits inside a worker for one that turned out long, or that hangs, while another
 * worker could run it: calls that were sent ahead are then taken back. It looks only while there are some.
 */
import type { WorkerState } from '../../../core/worker-status.js';
import { systemTime, type Time, type Timer } from '../time.js';

/**
 * How often it looks. A worker that has begun nothing from one look to the next, though it has calls to
 * begin, is at one that takes five times what all it was sent should.
 */
const LOOK_MS = 10;

/** A worker, as far as its calls may be taken back. */
export interface Holder {
  readonly state: WorkerState;
  /** How many calls it has. */
  readonly inFlight: number;
  /** The last call that it has begun, where that is known. */
  readonly lastBegun: number | undefined;
  /** Whether it has calls that could go elsewhere, after this one. */
  holdsAfter(lastBegun: number): boolean;
  /** Takes those back. */
  recall(): void;
}

export interface RecallWatchOptions<W> {
  readonly workers: () => Iterable<W>;
  /** Whether another worker would be started for calls that wait. */
  readonly mayGrow: () => boolean;
  readonly time?: Time;
}

export class RecallWatch<W extends Holder> {
  readonly #options: RecallWatchOptions<W>;
  readonly #time: Time;
  /** How far those had come at the last look that have something to begin. */
  readonly #seen = new Map<W, number>();
  #timer: Timer | undefined;

  constructor(options: RecallWatchOptions<W>) {
    this.#options = options;
    this.#time = options.time ?? systemTime;
  }

  /** Some worker may have calls that it has not begun. */
  start(): void {
    this.#timer ??= this.#time.after(LOOK_MS, this.#look);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#seen.clear();
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const workers = [...this.#options.workers()];
    const stuck = workers.filter((worker) => this.#isStuck(worker));
    const present = new Set(workers);
    for (const seen of this.#seen.keys()) if (!present.has(seen)) this.#seen.delete(seen);
    if (this.#seen.size > 0) this.start();
    for (const worker of stuck) {
      const others = workers.some((other) => other !== worker && willServe(other));
      if (others || this.#options.mayGrow()) worker.recall();
    }
  };

  /** Whether it has begun nothing since the last look, though it could. */
  #isStuck(worker: W): boolean {
    const { state, inFlight } = worker;
    // Nothing waits behind a call that is alone.
    const mayHold = inFlight > 1 && (state === 'ready' || state === 'draining');
    const lastBegun = mayHold ? worker.lastBegun : undefined;
    if (lastBegun === undefined || !worker.holdsAfter(lastBegun)) {
      this.#seen.delete(worker);
      return false;
    }
    const hasStood = this.#seen.get(worker) === lastBegun;
    this.#seen.set(worker, lastBegun);
    return hasStood;
  }
}

function willServe({ state }: Holder): boolean {
  return state === 'ready' || state === 'starting';
}

/**
 * Finds the workers that have had nothing to do for a while. It looks at them now and then and
 * compares, so that calls do nothing for it; a worker is found at the latest a quarter too late.
 */
import type { Time, Timer } from '../time.js';

/** A worker, as far as its idleness goes. */
export interface Idler {
  readonly wasReady: boolean;
  readonly inFlight: number;
  /** Calls that wait for it alone. */
  readonly waiting: number;
  readonly served: number;
  /** Whether objects of callers live there. */
  readonly inhabited: boolean;
}

export interface IdleWatchOptions<W> {
  readonly idleTimeoutMs: number;
  /** Those to look at; when there are none, it stops looking until it is started again. */
  readonly candidates: () => readonly W[];
  /** Told of one that has been idle for so long. */
  readonly onIdle: (worker: W) => void;
  readonly time: Time;
}

const LOOKS = 4;
/** Looking more often is of no use to anybody. */
const SHORTEST_LOOK_MS = 5;

interface Observation {
  served: number;
  since: number;
}

export class IdleWatch<W extends Idler> {
  readonly #options: IdleWatchOptions<W>;
  #seen = new WeakMap<W, Observation>();
  #timer: Timer | undefined;

  constructor(options: IdleWatchOptions<W>) {
    this.#options = options;
  }

  /** Looks from now on, if it does not yet. */
  start(): void {
    if (this.#timer !== undefined) return;
    const { idleTimeoutMs, time } = this.#options;
    const everyMs = Math.max(SHORTEST_LOOK_MS, idleTimeoutMs / LOOKS);
    this.#timer = time.after(everyMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = undefined;
    const { idleTimeoutMs, candidates, onIdle, time } = this.#options;
    const now = time.now();
    const workers = candidates();
    for (const worker of workers) {
      const { served } = worker;
      const seen = this.#seen.get(worker);
      if (seen?.served !== served || isNeeded(worker)) {
        this.#seen.set(worker, { served, since: now });
      } else if (now - seen.since >= idleTimeoutMs) {
        onIdle(worker);
      }
    }
    if (workers.length > 0) this.start();
  }
}

function isNeeded({ wasReady, inFlight, waiting, inhabited }: Idler): boolean {
  return !wasReady || inFlight > 0 || waiting > 0 || inhabited;
}

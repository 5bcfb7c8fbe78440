/**
 * Replaces workers that have served, grown or lived enough, one at a time: the new one starts first,
 * and the old one finishes what it has. Those that service instances live in are left alone.
 */
import type { RecycleReason } from '../../../core/client/events.js';
import type { RecyclePolicy } from '../pool-policy.js';
import type { Time, Timer } from '../time.js';

/** A worker, as far as its age goes. */
export interface Ageing {
  readonly state: string;
  /** Calls it was given. */
  readonly served: number;
  /** Its resident memory, where that is read. */
  readonly memoryBytes: number | undefined;
  /** Whether objects of callers live there. */
  readonly inhabited: boolean;
  /** Takes no new calls, finishes those it has, and ends. */
  retire(reason: 'recycled'): void;
}

export interface RecyclingOptions<W> {
  readonly policy: RecyclePolicy;
  /** The workers that serve. */
  readonly workers: () => Iterable<W>;
  /** Whether workers are started at the moment. */
  readonly mayStart: () => boolean;
  /** Starts one more; settles when it has started. */
  readonly startOne: () => Promise<unknown>;
  readonly onRecycle: (worker: W, why: RecycleReason) => void;
  readonly time: Time;
  readonly random: () => number;
}

/** What a worker may reach, its own part of chance included. */
interface Lifetime {
  readonly calls: number;
  readonly memoryBytes: number;
  readonly endsAt: number;
}

/** How often the workers are looked at that may have grown too old or too fat. */
const LOOK_MS = 1_000;
/** After how long a replacement that could not start is tried again. */
const RETRY_MS = 10_000;
const NEVER = Number.POSITIVE_INFINITY;

export class Recycling<W extends Ageing> {
  readonly #options: RecyclingOptions<W>;
  readonly #lifetimes = new WeakMap<W, Lifetime>();
  #timer: Timer | undefined;
  #replacing = false;
  #stopped = false;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: RecyclingOptions<W>) {
    this.#options = options;
  }

  /** Whether any worker is ever replaced. */
  static isWanted({ calls, memoryBytes, ageMs }: RecyclePolicy): boolean {
    return Math.min(calls, memoryBytes, ageMs) < NEVER;
  }

  /** A worker has become ready. */
  started(worker: W): void {
    const { policy, time, random } = this.#options;
    const part = 1 - policy.jitter * random();
    this.#lifetimes.set(worker, {
      calls: Math.max(1, Math.round(policy.calls * part)),
      memoryBytes: policy.memoryBytes * part,
      endsAt: time.now() + policy.ageMs * part,
    });
    this.#look();
  }

  /** A worker has ended a call. */
  served(worker: W): void {
    const lifetime = this.#lifetimes.get(worker);
    if (lifetime !== undefined && worker.served >= lifetime.calls) this.#replaceNext();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Looks now and then, as long as there is anybody to look at. */
  #look(): void {
    const { memoryBytes, ageMs } = this.#options.policy;
    const soonest = Math.min(memoryBytes === NEVER ? NEVER : LOOK_MS, ageMs);
    if (this.#timer !== undefined || this.#stopped || soonest === NEVER) return;
    this.#timer = this.#options.time.after(Math.min(soonest, LOOK_MS), () => {
      this.#timer = undefined;
      this.#replaceNext();
      for (const _ of this.#options.workers()) return this.#look();
    });
  }

  #replaceNext(): void {
    const { time, workers, mayStart } = this.#options;
    if (this.#replacing || this.#stopped || !mayStart() || time.now() < this.#pausedUntil) return;
    for (const worker of workers()) {
      const why = this.#reasonOf(worker);
      if (why === undefined) continue;
      this.#replacing = true;
      void this.#replace(worker, why);
      return;
    }
  }

  async #replace(worker: W, why: RecycleReason): Promise<void> {
    const { startOne, onRecycle, time } = this.#options;
    try {
      await startOne();
      // It may have got company meanwhile, or have ended by itself.
      if (worker.state === 'ready' && !worker.inhabited) {
        onRecycle(worker, why);
        worker.retire('recycled');
      }
    } catch {
      // The old one goes on. Why the new one could not start is in the logs.
      this.#pausedUntil = time.now() + RETRY_MS;
    } finally {
      this.#replacing = false;
    }
    this.#replaceNext();
  }

  #reasonOf(worker: W): RecycleReason | undefined {
    const lifetime = this.#lifetimes.get(worker);
    if (lifetime === undefined || worker.state !== 'ready' || worker.inhabited) return undefined;
    if (worker.served >= lifetime.calls) return 'calls';
    if ((worker.memoryBytes ?? 0) >= lifetime.memoryBytes) return 'memory';
    return this.#options.time.now() >= lifetime.endsAt ? 'age' : undefined;
  }
}

/** What the calls of one method have come to: how many, how they ended, how long they took. */
import type { LatencyStats, MethodStats } from '../../core/client/stats.js';
import { SynapseError } from '../../core/protocol/errors.js';
import { Histogram } from './histogram.js';
import type { Observation } from './observation.js';
import type { ObservedTask, Outcome } from './observer.js';

/** What a failure counts as whose error has no code. */
const NO_CODE = 'OTHER';
/** Codes are of user code, too: those above so many count as `OTHER`. */
const MAX_CODES = 100;

export class Latencies {
  /** Of calls that did not wait: what they ran is the whole, and stands in neither of the next two. */
  readonly #direct = new Histogram();
  readonly #run = new Histogram();
  readonly #total = new Histogram();
  readonly #queue = new Histogram();
  readonly #wire = new Histogram();

  /** Counts a task that is settled. */
  record({ submittedAt, dispatchedAt, startedAt, settledAt, runNs }: ObservedTask): void {
    const runMs = settledAt - startedAt;
    if (startedAt === submittedAt) {
      this.#direct.record(runMs);
    } else {
      this.#total.record(settledAt - submittedAt);
      this.#queue.record((dispatchedAt === 0 ? settledAt : dispatchedAt) - submittedAt);
      if (startedAt !== 0) this.#run.record(runMs);
    }
    // One that was sent ahead began in Python before its turn was seen here: nothing to be told apart.
    if (runNs > 0 && startedAt === dispatchedAt) this.#wire.record(runMs - runNs / 1e6);
  }

  add(other: Latencies): void {
    this.#direct.add(other.#direct);
    this.#run.add(other.#run);
    this.#total.add(other.#total);
    this.#queue.add(other.#queue);
    this.#wire.add(other.#wire);
  }

  stats(): LatencyStats {
    const [queue, run, total] = [new Histogram(), new Histogram(), new Histogram()];
    queue.add(this.#queue);
    queue.addZeros(this.#direct.count);
    for (const [sum, part] of [
      [run, this.#run],
      [total, this.#total],
    ] as const) {
      sum.add(part);
      sum.add(this.#direct);
    }
    return {
      queue: queue.stats(),
      run: run.stats(),
      wire: this.#wire.stats(),
      total: total.stats(),
    };
  }
}

export class MethodMeter implements Observation {
  /** Its answers come item by item: how long they take is up to who reads them. */
  readonly isStream: boolean;
  readonly latencies = new Latencies();
  #submitted = 0;
  #completed = 0;
  #failed = 0;
  #left = 0;
  readonly #failures = new Map<string, number>();

  constructor(isStream: boolean) {
    this.isStream = isStream;
  }

  /** How many are neither settled nor left. */
  get pending(): number {
    return this.#submitted - this.#completed - this.#failed - this.#left;
  }

  queued(): void {
    this.#submitted += 1;
  }

  settled(task: ObservedTask, outcome: Outcome, error: unknown): void {
    this.latencies.record(task);
    if (outcome === 'completed') {
      this.#completed += 1;
    } else if (outcome === 'left') {
      this.#left += 1;
    } else {
      this.#failed += 1;
      this.#countFailure(SynapseError.is(error) ? error.code : NO_CODE, 1);
    }
  }

  /** Adds the counts of `other`, and not its times. */
  addCounts(other: MethodMeter): void {
    this.#submitted += other.#submitted;
    this.#completed += other.#completed;
    this.#failed += other.#failed;
    this.#left += other.#left;
    for (const [code, count] of other.#failures) this.#countFailure(code, count);
  }

  stats(): MethodStats {
    return {
      submitted: this.#submitted,
      completed: this.#completed,
      failed: this.#failed,
      left: this.#left,
      failures: Object.fromEntries(this.#failures),
      ...this.latencies.stats(),
    };
  }

  #countFailure(code: string, count: number): void {
    const known = this.#failures.has(code) || this.#failures.size < MAX_CODES;
    const counted = known ? code : NO_CODE;
    this.#failures.set(counted, (this.#failures.get(counted) ?? 0) + count);
  }
}

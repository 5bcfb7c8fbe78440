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
  readonly #queue = new Histogram();
  readonly #run = new Histogram();
  readonly #wire = new Histogram();
  readonly #total = new Histogram();

  /** Counts a task that is settled `now`. */
  record(task: ObservedTask, now: number): void {
    const { submittedAt, dispatchedAt, startedAt } = task;
    this.#total.record(now - submittedAt);
    this.#queue.record((dispatchedAt === 0 ? now : dispatchedAt) - submittedAt);
    if (startedAt === 0) return;
    const runMs = now - startedAt;
    this.#run.record(runMs);
    // One that was sent ahead began in Python before its turn was seen here: nothing to be told apart.
    if (task.runNs > 0 && startedAt === dispatchedAt) this.#wire.record(runMs - task.runNs / 1e6);
  }

  add(other: Latencies): void {
    this.#queue.add(other.#queue);
    this.#run.add(other.#run);
    this.#wire.add(other.#wire);
    this.#total.add(other.#total);
  }

  stats(): LatencyStats {
    return {
      queue: this.#queue.stats(),
      run: this.#run.stats(),
      wire: this.#wire.stats(),
      total: this.#total.stats(),
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

  settled(task: ObservedTask, outcome: Outcome, error: unknown, now: number): void {
    this.latencies.record(task, now);
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

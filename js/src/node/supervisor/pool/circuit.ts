/**
 * The circuit breaker of a pool: workers that keep dying are given a rest.
 *
 * Too many ends that nobody asked for, or starts in a row that failed, open it: no worker is started
 * until it has cooled down. Then it is half open: one worker is tried, and closes it when it becomes
 * ready, or opens it for twice as long. It decides; starting workers is the staffing's business.
 */
import type { CircuitState } from '../../../core/client/events.js';
import { CircuitOpenError } from '../../../core/errors.js';
import type { RestartPolicy } from '../pool-policy.js';
import { systemTime, type Time } from '../time.js';

/** Starts that fail in a row and open it. */
const MAX_FAILED_STARTS = 5;
const LONGEST_COOL_DOWN_MS = 60_000;
/** By what part a cool-down is prolonged at random, so that many hosts do not try again as one. */
const JITTER = 0.25;

export interface CircuitOptions {
  readonly policy: RestartPolicy;
  /** What error messages call the module. */
  readonly name: string;
  readonly onChange: (state: CircuitState, reason: string) => void;
  readonly time?: Pick<Time, 'now'>;
  readonly random?: () => number;
}

export class Circuit {
  /** What the worker that ended last wrote to stderr last. */
  lastWords = '';
  readonly #options: CircuitOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  #state: CircuitState = 'closed';
  /** When the workers of the window ended, oldest first. */
  #ends: number[] = [];
  #failedStarts = 0;
  /** How long the next rest is, without jitter. */
  #coolDownMs: number;
  #restsUntil = 0;
  #closedAt = Number.NEGATIVE_INFINITY;
  #reason = '';
  #cause: unknown;

  constructor(options: CircuitOptions) {
    const { time = systemTime, random = Math.random } = options;
    this.#options = options;
    this.#now = time.now;
    this.#random = random;
    this.#coolDownMs = options.policy.coolDownMs;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** How long it still cools down, in milliseconds. */
  get retryAfterMs(): number {
    return this.#state === 'open' ? Math.max(0, this.#restsUntil - this.#now()) : 0;
  }

  /** Whether it opened because workers could not even start, which time alone does not mend. */
  get needsRepair(): boolean {
    return this.#cause !== undefined;
  }

  /** A worker that had been ready ended unasked. */
  recordEnd(): void {
    const { max, withinMs } = this.#options.policy;
    if (this.#state !== 'closed' || max === Number.POSITIVE_INFINITY) return;
    const now = this.#now();
    this.#ends.push(now);
    while ((this.#ends[0] ?? now) < now - withinMs) this.#ends.shift();
    if (this.#ends.length <= max) return;
    // A worker that only becomes ready to die again is no sign of recovery.
    if (now - this.#closedAt > withinMs) this.#coolDownMs = this.#options.policy.coolDownMs;
    this.#cause = undefined;
    const workers = this.#ends.length === 1 ? 'A worker' : `${this.#ends.length} workers`;
    this.#open(`${workers} ended unexpectedly within ${seconds(withinMs)}`);
  }

  /** A worker that was to take calls could not start. */
  recordFailedStart(error: unknown): void {
    this.#failedStarts += 1;
    if (this.#state === 'open') return;
    if (this.#state === 'closed' && this.#failedStarts < MAX_FAILED_STARTS) return;
    this.lastWords = '';
    this.#cause = error;
    const last = error instanceof Error ? error.message : String(error);
    const starts = this.#failedStarts === 1 ? 'A worker' : `${this.#failedStarts} workers in a row`;
    this.#open(`${starts} could not start. ${last}`);
  }

  /** A worker has become ready. */
  recordStart(): void {
    this.#failedStarts = 0;
    if (this.#state === 'half-open') this.#close('a worker has become ready');
  }

  /** The workers to come are others than those that were counted. */
  reset(): void {
    this.#failedStarts = 0;
    this.#coolDownMs = this.#options.policy.coolDownMs;
    this.#ends = [];
    if (this.#state !== 'closed') this.#close('the module was loaded anew');
  }

  /** Whether one worker may be started as a probe; that one is under way from now on. */
  tryProbe(): boolean {
    if (this.#state !== 'open' || this.retryAfterMs > 0) return false;
    this.#change('half-open', 'it has cooled down');
    return true;
  }

  /** What calls are told that find no worker. */
  refusal(): CircuitOpenError {
    const { name } = this.#options;
    const { retryAfterMs } = this;
    const message =
      `No worker of "${name}" is left, and none is started for another ${seconds(retryAfterMs)}: ` +
      `${this.#reason}.`;
    const stderrTail = this.lastWords;
    return new CircuitOpenError(message, { retryAfterMs, stderrTail, cause: this.#cause });
  }

  #open(reason: string): void {
    const now = this.#now();
    this.#restsUntil = now + this.#coolDownMs * (1 + JITTER * this.#random());
    this.#coolDownMs = Math.min(LONGEST_COOL_DOWN_MS, this.#coolDownMs * 2);
    this.#ends = [];
    this.#reason = reason;
    this.#change('open', reason);
  }

  #close(reason: string): void {
    this.#closedAt = this.#now();
    this.#change('closed', reason);
  }

  #change(state: CircuitState, reason: string): void {
    this.#state = state;
    this.#options.onChange(state, reason);
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(2))} s`;
}

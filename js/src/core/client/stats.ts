/** The numbers of a client: `client.stats()`. All times are milliseconds. */

import type { WorkerStatus } from '../worker-status.js';
import type { CircuitState } from './events.js';

/** How long something took, over all calls so far. Quantiles are within 2 % of the measured value. */
export interface HistogramStats {
  readonly count: number;
  readonly sumMs: number;
  readonly meanMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** How many took at most so long: the buckets of a Prometheus histogram, smallest first, without `+Inf`. */
  readonly buckets: readonly HistogramBucket[];
}

export interface HistogramBucket {
  readonly leMs: number;
  /** How many took `leMs` or less. */
  readonly count: number;
}

/** The parts of a call's time. A part that no call has had yet has `count` 0. */
export interface LatencyStats {
  /** From submission until a worker was given the call, or until it was given up. */
  readonly queue: HistogramStats;
  /** From when a worker could start on it until its caller was answered. */
  readonly run: HistogramStats;
  /** Of that what Python did not spend in the method: encoding, pipes, decoding. Sampled, one call in 64. */
  readonly wire: HistogramStats;
  /** From submission until its caller was answered. */
  readonly total: HistogramStats;
}

/** What became of calls and streams. `submitted` is the sum of the others and of those under way. */
export interface CallCounts {
  readonly submitted: number;
  readonly completed: number;
  /** Rejected, for whatever reason. */
  readonly failed: number;
  /** Streams that their consumer left before their end. */
  readonly left: number;
}

export interface MethodStats extends CallCounts, LatencyStats {
  /** How often calls failed, by the code of their error; `OTHER` for errors without one. */
  readonly failures: Readonly<Record<string, number>>;
}

/** What became of worker processes. */
export interface WorkerCounts {
  readonly started: number;
  /** Started to take the place of another. */
  readonly restarted: number;
  readonly exited: number;
  /** Ends by their reason: a {@link WorkerExitReason}. */
  readonly exits: Readonly<Record<string, number>>;
  readonly recycled: number;
}

/** The warm process that workers are forked from. */
export interface ZygoteStatus {
  /** `off`: not asked for, or not on this system; `unavailable`: the module cannot be forked. */
  readonly state: 'off' | 'starting' | 'ready' | 'unavailable';
  readonly pid?: number;
  /** Why it is not used. */
  readonly reason?: string;
}

/** Counts are of calls and streams; the times are those of calls alone, as a stream lasts as long as it is read. */
export interface ClientStats extends MethodStats {
  /** What messages call the module. */
  readonly module: string;
  /** When the client was made, in milliseconds since 1970. */
  readonly since: number;
  readonly workers: readonly WorkerStatus[];
  readonly workerCounts: WorkerCounts;
  /** Calls and streams that wait for a worker. */
  readonly queued: number;
  /** Calls and streams that workers have. */
  readonly inFlight: number;
  /** Streams under way: their consumers have neither reached the end nor left. */
  readonly openStreams: number;
  /** Calls made once more because their worker had died. */
  readonly retries: number;
  readonly circuit: CircuitState;
  readonly zygote: ZygoteStatus;
  /** By Python's names of the methods that were called. */
  readonly methods: Readonly<Record<string, MethodStats>>;
}

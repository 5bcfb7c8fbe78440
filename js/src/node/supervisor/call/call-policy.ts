/**
 * How the supervisor treats one call, settled when it is made: from its own options, those of its
 * method, and those of the client. Calls without options of their own share one of these.
 */

/** When each clock of a call runs out, in milliseconds; 0: never. */
export interface CallPolicy {
  /** Waiting for a worker. */
  readonly queueMs: number;
  /** At work, from when the worker can start on it; for a stream, on one item. */
  readonly runMs: number;
  /** From submission to the answer, repetitions included. */
  readonly totalMs: number;
  /** At work without progress or an item. */
  readonly idleMs: number;
  /** The higher the sooner. */
  readonly priority: number;
  /** Whether it may be run again when its worker dies; `undefined`: as the module declares the method. */
  readonly idempotent: boolean | undefined;
  /** How often it is run again at most. */
  readonly retries: number;
}

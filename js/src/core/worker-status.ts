/** What is known of one worker process while it lives, and how it ended. */

/**
 * Where a worker stands. `busy` is a ready one that has calls; `unresponsive` one whose interpreter
 * answers nothing, because C code holds on to it; `draining` one that finishes what it has and takes
 * nothing new; `stopping` one that has been told to end.
 */
export type WorkerState =
  | 'starting'
  | 'ready'
  | 'busy'
  | 'unresponsive'
  | 'draining'
  | 'stopping'
  | 'exited';

/**
 * Why a worker process ended.
 *
 * By itself: `crashed` (an uncaught exception, or a fault such as SIGSEGV), `exited` (it left by
 * itself), `killed` (by a signal from outside), `out-of-memory` (by the kernel), `memory-limit` and
 * `cpu-limit` (it went over a limit of `limits`), `protocol` (it sent what it must not), `start-failed`.
 *
 * Ended by Synapse: `cancelled` (a call that was given up did not stop), `unresponsive` (the
 * watchdog), `recycled`, `reloaded`, `idle` (more workers than needed), `closed` (the client was).
 */
export type WorkerExitReason =
  | 'crashed'
  | 'exited'
  | 'killed'
  | 'out-of-memory'
  | 'memory-limit'
  | 'cpu-limit'
  | 'protocol'
  | 'start-failed'
  | 'cancelled'
  | 'unresponsive'
  | 'recycled'
  | 'reloaded'
  | 'idle'
  | 'closed';

/** One worker process as it is now. */
export interface WorkerStatus {
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** Calls and streams it has and has not ended. */
  readonly inFlight: number;
  /** When its process was started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Calls and streams it was given so far. */
  readonly served: number;
  /** Resident memory at the last reading; known where `limits.memoryBytes` or `recycle.memoryBytes` asks for it. */
  readonly memoryBytes?: number;
  /** How long the oldest of its calls has been running, in milliseconds. */
  readonly oldestCallMs?: number;
}

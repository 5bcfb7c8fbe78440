/**
 * What the supervisor tells whoever watches it. It calls these at the right places and does nothing
 * else for them: no clocks beside those of the task, no objects, no work when nobody watches.
 */
import type { CircuitState, RecycleReason } from '../../core/client/events.js';
import type { WorkerExitReason, WorkerState } from '../../core/worker-status.js';

/** A call or stream as an observer sees it. Times are `performance.now()`; 0 means: not yet. */
export interface ObservedTask {
  readonly method: string;
  readonly isStream: boolean;
  /** When the pool took it. */
  readonly submittedAt: number;
  /** When a worker was given it, the last time. */
  readonly dispatchedAt: number;
  /** When that worker could start on it: everything before it had been answered. */
  readonly startedAt: number;
  /** When its caller was answered. */
  readonly settledAt: number;
  /** What Python says it spent in the method, in nanoseconds; 0 when it was not asked. */
  readonly runNs: number;
  /** Whether Python is asked for that. Set by the observer before the task is sent. */
  wantsTiming: boolean;
  /** How often it was given to a worker. */
  readonly attempts: number;
  /** The observer's own, from when it is queued until it is settled. */
  observed: object | undefined;
}

export interface ObservedWorker {
  readonly pid: number | undefined;
}

/** How a worker process ended. */
export interface ObservedExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reason: WorkerExitReason;
  /** Calls and streams that it had. */
  readonly calls: number;
}

/** How a task was settled: `left` is a stream whose consumer wanted no more of it. */
export type Outcome = 'completed' | 'failed' | 'left';

export interface PoolObserver {
  /** The pool has taken it, whether or not it has to wait. */
  onQueued(task: ObservedTask): void;
  /** A worker was given it; `dispatchedAt` is set. */
  onDispatched(task: ObservedTask, worker: ObservedWorker): void;
  /** That worker can start on it; `startedAt` is set. */
  onStarted(task: ObservedTask): void;
  /** Its caller is answered; told once of each task that was queued. */
  onSettled(task: ObservedTask, outcome: Outcome, error?: unknown): void;
  /** Nothing waits any more, after something had waited for room. */
  onDrain(): void;
  /** @param previous `undefined` for a worker that was just started */
  onWorkerState(
    worker: ObservedWorker,
    state: WorkerState,
    previous: WorkerState | undefined,
    reason?: string,
  ): void;
  onWorkerExit(worker: ObservedWorker, exit: ObservedExit): void;
  /** A worker was started to take the place of another. */
  onRestart(worker: ObservedWorker): void;
  onCircuit(state: CircuitState, reason: string): void;
  /** @param attempt 2 for the first repetition */
  onRetry(task: ObservedTask, attempt: number, worker: ObservedWorker): void;
  onRecycle(worker: ObservedWorker, why: RecycleReason): void;
  onUnresponsive(worker: ObservedWorker, sinceMs: number, pythonStack: string | undefined): void;
}

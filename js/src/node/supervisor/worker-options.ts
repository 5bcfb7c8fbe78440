/** What a worker handle is told, and what it tells. */
import type { Connection, Dialect } from './connection.js';
import type { LogRecord } from './log-record.js';
import type { ProcessSource } from './process-source.js';
import type { LostCall } from './settlement.js';
import type { ChannelChoice } from './spawn-spec.js';
import type { Task } from './task.js';
import type { WorkEstimates } from './work-estimate.js';

export interface WorkerOptions<C extends Connection> {
  readonly source: ProcessSource;
  readonly dialect: Dialect<C>;
  readonly channel: ChannelChoice;
  /** What error messages call the module. */
  readonly name: string;
  readonly startTimeoutMs: number;
  readonly graceMs: number;
  readonly estimates: WorkEstimates;
  readonly onLog: (record: LogRecord) => void;
}

/** @typeParam W the worker that tells */
export interface WorkerEvents<C extends Connection, W> {
  /** It can take another call. */
  onRoom(): void;
  /** It takes no more calls and will end: replace it. */
  onRetired(worker: W): void;
  /** It is shutting down and has not begun these calls, in order. */
  onRefused(unbegun: Task<C>[]): void;
  /** These waited for a place on top of a call that has ended: they can run anywhere now. */
  onReleased(held: Task<C>[]): void;
  /**
   * It has ended. Both kinds are the pool's again, in order.
   *
   * @param unbegun calls that certainly never ran
   * @param lost calls that may have run, and may run again
   */
  onExited(worker: W, unbegun: Task<C>[], lost: LostCall<C>[]): void;
}

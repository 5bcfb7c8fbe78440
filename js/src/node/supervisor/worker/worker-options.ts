/** What a worker handle is told, and what it tells. */
import type { PoolObserver } from '../../observe/observer.js';
import type { CallLimits } from '../call/call-limits.js';
import type { Task } from '../call/task.js';
import type { Connection, Dialect } from '../connection/connection.js';
import type { LogRecord } from '../connection/log-record.js';
import type { ResourceLimits, WatchdogPolicy } from '../pool-policy.js';
import type { ProcessSource } from '../process/process-source.js';
import type { ChannelChoice } from '../process/spawn-spec.js';
import type { Time } from '../time.js';
import type { LostCall } from './settlement.js';
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
  readonly callLimits: CallLimits;
  readonly onLog: (record: LogRecord) => void;
  /** Looks at what a worker offers before it takes calls. @throws why it shall take none */
  readonly checkOffer?: ((offer: C) => void) | undefined;
  /** What is done about one whose interpreter does not answer; nothing where it is not there. */
  readonly watchdog?: WatchdogPolicy | undefined;
  readonly limits?: ResourceLimits | undefined;
  /** Whether its memory is read although nothing limits it. */
  readonly readsMemory?: boolean | undefined;
  readonly observer?: PoolObserver | undefined;
  /** By which calls that were given up have their grace; the system's where it is not there. */
  readonly time?: Time;
}

/** @typeParam W the worker that tells */
export interface WorkerEvents<C extends Connection, W> {
  /** It can take another call. */
  onRoom(worker: W): void;
  /** It takes no more calls and will end: replace it. */
  onRetired(worker: W): void;
  /** It has not begun these calls, in order, and will not: it is shutting down, or they were taken back. */
  onRefused(unbegun: Task<C>[]): void;
  /** These waited for a place on top of a call that has ended: they can run anywhere now. */
  onReleased(held: Task<C>[]): void;
  /**
   * It has ended, and knows of what. Both kinds are the pool's again, in order.
   *
   * @param unbegun calls that certainly never ran
   * @param lost calls that may have run, and may run again
   */
  onExited(worker: W, unbegun: Task<C>[], lost: LostCall<C>[]): void;
}

/** What a call that ran out of time is told of where the time went. */
import type { CallClock, CallTimeout } from '../../../core/call-timeout.js';
import type { TaskHost } from './task-host.js';

/** When a call was made and begun, as `performance.now()` has it. */
interface TimedCall {
  readonly submittedAt: number;
  readonly startedAt: number;
  /** How long it ran in workers that were lost. */
  readonly ranMs: number;
  /** A worker can be at work on it. */
  readonly running: boolean;
  /** The worker that has it. */
  readonly owner: object | undefined;
}

export function timeoutOf(
  { submittedAt, startedAt, ranMs, running, owner }: TimedCall,
  host: Pick<TaskHost, 'queued' | 'sentAhead' | 'workers'> | null,
  clock: CallClock,
  timeoutMs: number,
): CallTimeout {
  const now = performance.now();
  const begunAt = running ? startedAt : now;
  return {
    clock,
    timeoutMs,
    phases: {
      queueMs: begunAt - submittedAt - ranMs,
      runMs: now - begunAt + ranMs,
      totalMs: now - submittedAt,
    },
    queued: host === null ? 0 : host.queued + host.sentAhead,
    sentAhead: host?.sentAhead ?? 0,
    workers: host?.workers ?? [],
    maybeBegun: owner !== undefined && !running,
  };
}

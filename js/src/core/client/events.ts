/** What a client tells while it runs, for those who listen: `client.on(event, listener)`. */
import type { CallClock } from '../call-timeout.js';
import type { WorkerExitReason, WorkerState } from '../worker-status.js';

/** Whether workers are started: `open` after too many ends in a row, `half-open` while one is tried. */
export type CircuitState = 'open' | 'half-open' | 'closed';

/** Why a worker was replaced by a new one before its time: a limit of `recycle`. */
export type RecycleReason = 'calls' | 'memory' | 'age';

/** A worker changed its state. */
export interface WorkerEvent {
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** The state before; `undefined` for a worker that was just started. */
  readonly previous: WorkerState | undefined;
  /** Why, where there is something to say. */
  readonly reason?: string;
}

/** A worker process ended, asked to or not. */
export interface WorkerExitEvent {
  readonly pid: number | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reason: WorkerExitReason;
  /** Calls and streams that it had. */
  readonly calls: number;
}

/** The circuit breaker changed its state. */
export interface CircuitEvent {
  readonly state: CircuitState;
  readonly reason: string;
}

/** An idempotent call is made once more, because its worker died. */
export interface RetryEvent {
  readonly method: string;
  /** 2 for the first repetition. */
  readonly attempt: number;
  /** The worker that died. */
  readonly pid: number | undefined;
}

/** A call ran out of time. */
export interface TimeoutEvent {
  readonly method: string;
  readonly clock: CallClock;
  readonly timeoutMs: number;
}

/** A worker's interpreter does not answer: C code holds on to it, or the process is stopped. */
export interface UnresponsiveEvent {
  readonly pid: number | undefined;
  /** How long there has been no news of it, in milliseconds. */
  readonly sinceMs: number;
  /** Where its threads are, as Python prints it. */
  readonly pythonStack?: string;
}

/** A worker is being replaced, because it has reached a limit of `recycle`. */
export interface RecycleEvent {
  readonly pid: number | undefined;
  readonly why: RecycleReason;
}

/** The events of a client and what their listeners are given. */
export interface ClientEvents {
  /** Nothing waits for a worker any more, after `needsDrain` had been true. */
  readonly drain: undefined;
  readonly worker: WorkerEvent;
  readonly workerExit: WorkerExitEvent;
  readonly circuit: CircuitEvent;
  readonly retry: RetryEvent;
  readonly timeout: TimeoutEvent;
  readonly unresponsive: UnresponsiveEvent;
  readonly recycle: RecycleEvent;
}

export type ClientEventName = keyof ClientEvents;

/** Takes one event. What it throws is an uncaught exception of its own and harms no call. */
export type ClientListener<Name extends ClientEventName> = (event: ClientEvents[Name]) => void;

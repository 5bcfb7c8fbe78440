/**
 * Errors of the client side that a caller may want to handle apart; what crosses the wire is in
 * `protocol/errors.ts`. Recognise ours with `SynapseError.is(error)` and `error.code`.
 */
import {
  type CallClock,
  type CallPhases,
  type CallTimeout,
  calls,
  timeoutMessage,
} from './call-timeout.js';
import {
  type DecodeError,
  type EncodeError,
  type ErrorOptions,
  type FrameError,
  type IntegerRangeError,
  type ProtocolError,
  type PythonError,
  type ResultError,
  SynapseError,
  type ValidationError,
} from './protocol/errors.js';
import { setProperty } from './protocol/own-properties.js';
import type { WorkerExitReason, WorkerStatus } from './worker-status.js';

/** How a worker process ended, as far as it is known. */
export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines the worker wrote to stderr. */
  readonly stderrTail: string;
}

/** What a call knows of the death of its worker. */
export interface WorkerLoss {
  readonly reason: WorkerExitReason;
  readonly maybeExecuted: boolean;
  /** How many workers may have begun the call, this one included. Default 1. */
  readonly attempts?: number;
  readonly cause?: unknown;
}

/** The worker process ended while it had this call. */
export class WorkerExitedError extends SynapseError {
  declare readonly code: 'WORKER_EXITED';
  override readonly name = 'WorkerExitedError';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
  /** Why it ended. */
  readonly reason: WorkerExitReason;
  /**
   * Whether lines of the call may have run. One that certainly never began goes to another worker; false
   * says that there was none for it. Bound to an object that has gone, it hears that, with this as `cause`.
   */
  readonly maybeExecuted: boolean;
  /** How many workers may have begun the call: more than one only if it is `idempotent`. */
  readonly attempts: number;

  constructor(message: string, exit: WorkerExit, loss: WorkerLoss) {
    super('WORKER_EXITED', message, { retryable: !loss.maybeExecuted, cause: loss.cause });
    this.exitCode = exit.exitCode;
    this.signal = exit.signal;
    this.stderrTail = exit.stderrTail;
    this.reason = loss.reason;
    this.maybeExecuted = loss.maybeExecuted;
    this.attempts = loss.attempts ?? 1;
  }
}

/** A worker could not start: its module failed to import, or it took too long. */
export class ModuleStartError extends SynapseError {
  declare readonly code: 'MODULE_START_FAILED';
  override readonly name = 'ModuleStartError';
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it wrote to stderr last; whoever prints the error sees the message, which says what matters of it. */
  declare readonly stderrTail: string;

  constructor(message: string, exit: WorkerExit, options: ErrorOptions = {}) {
    super('MODULE_START_FAILED', message, options);
    this.exitCode = exit.exitCode;
    this.signal = exit.signal;
    setProperty(this, 'stderrTail', exit.stderrTail);
  }
}

/** One of a call's clocks ran out. */
export class CallTimeoutError extends SynapseError implements CallTimeout {
  declare readonly code: 'CALL_TIMEOUT';
  override readonly name = 'CallTimeoutError';
  readonly clock: CallClock;
  readonly timeoutMs: number;
  readonly phases: CallPhases;
  readonly queued: number;
  readonly workers: readonly WorkerStatus[];
  readonly pythonStack: string | undefined;

  /** @param what the call, as in `The call of "quote"` */
  constructor(what: string, timeout: CallTimeout) {
    super('CALL_TIMEOUT', timeoutMessage(what, timeout));
    this.clock = timeout.clock;
    this.timeoutMs = timeout.timeoutMs;
    this.phases = timeout.phases;
    this.queued = timeout.queued;
    this.workers = timeout.workers;
    this.pythonStack = timeout.pythonStack;
  }
}

/** A call was given up through its `AbortSignal`; `cause` is the signal's reason. */
export class CallCancelledError extends SynapseError {
  declare readonly code: 'CALL_CANCELLED';
  // The name by which the platform's own APIs report an abort.
  override readonly name = 'AbortError';

  constructor(what: string, reason?: unknown) {
    super('CALL_CANCELLED', `${what} was cancelled.`, { cause: reason });
  }
}

/** The queue of waiting calls is full. */
export class QueueFullError extends SynapseError {
  declare readonly code: 'QUEUE_FULL';
  override readonly name = 'QueueFullError';
  readonly maxQueue: number;
  /** Calls that were waiting. */
  readonly queued: number;

  constructor(maxQueue: number, queued = maxQueue) {
    super(
      'QUEUE_FULL',
      `The queue is full: ${calls(maxQueue)} ${maxQueue === 1 ? 'is' : 'are'} waiting for a worker. Wait for some to finish, add workers, or raise maxQueue.`,
      { retryable: true },
    );
    this.maxQueue = maxQueue;
    this.queued = queued;
  }
}

/** Why no worker is started, and until when. */
export interface OpenCircuit {
  /** When a worker will be tried again, in milliseconds from now. */
  readonly retryAfterMs: number;
  /** The last lines of the worker that ended last. */
  readonly stderrTail: string;
  readonly cause?: unknown;
}

/** Workers kept dying: none is started for a while, and calls fail at once. */
export class CircuitOpenError extends SynapseError {
  declare readonly code: 'CIRCUIT_OPEN';
  override readonly name = 'CircuitOpenError';
  readonly retryAfterMs: number;
  readonly stderrTail: string;

  /** @param message what happened and how often, without those last lines */
  constructor(message: string, { retryAfterMs, stderrTail, cause }: OpenCircuit) {
    const told = stderrTail === '' ? message : `${message}\n\nLast lines of stderr:\n${stderrTail}`;
    super('CIRCUIT_OPEN', told, { retryable: true, cause });
    this.retryAfterMs = retryAfterMs;
    this.stderrTail = stderrTail;
  }
}

/** The connection or client is closed. */
export class ClosedError extends SynapseError {
  declare readonly code: 'CLOSED';
  override readonly name = 'ClosedError';

  constructor(message: string, cause?: unknown) {
    super('CLOSED', message, { cause });
  }
}

/** How a generated client and the module it was generated from differ. */
export interface StaleClientDetails {
  /** The first difference, in words. */
  readonly difference: string;
  /** Hash of the schema that the client was generated from. */
  readonly expected: string;
  /** Hash of the module's schema as it is now. */
  readonly actual: string;
}

/** A generated client does not fit its module any more: the Python changed since. Generate it again. */
export class StaleClientError extends SynapseError {
  declare readonly code: 'STALE_CLIENT';
  override readonly name = 'StaleClientError';
  declare readonly details: StaleClientDetails;

  constructor(message: string, details: StaleClientDetails) {
    super('STALE_CLIENT', message, { details });
  }
}

/**
 * The errors that a call may reject with and that have a class of their own: narrows by `code`.
 *
 *     const failure = error as CallError;
 *     if (failure.code === 'CALL_TIMEOUT') console.log(failure.timeoutMs);
 */
export type CallError =
  | CallCancelledError
  | CallTimeoutError
  | CircuitOpenError
  | ClosedError
  | DecodeError
  | EncodeError
  | FrameError
  | IntegerRangeError
  | ModuleStartError
  | ProtocolError
  | PythonError
  | QueueFullError
  | ResultError
  | StaleClientError
  | ValidationError
  | WorkerExitedError;

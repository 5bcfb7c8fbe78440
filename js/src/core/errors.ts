/**
 * Errors of the client side that a caller may want to handle apart; what crosses the wire is in
 * `protocol/errors.ts`. Recognise ours with `SynapseError.is(error)` and `error.code`.
 */
import {
  type DecodeError,
  type EncodeError,
  type FrameError,
  type IntegerRangeError,
  type ProtocolError,
  type PythonError,
  type ResultError,
  SynapseError,
  type ValidationError,
} from './protocol/errors.js';

/** How a worker process ended, as far as it is known. */
export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines the worker wrote to stderr. */
  readonly stderrTail: string;
}

/** The worker process ended while it had this call. */
export class WorkerExitedError extends SynapseError {
  declare readonly code: 'WORKER_EXITED';
  override readonly name = 'WorkerExitedError';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
  /** False only when it is certain that no line of the call ran. */
  readonly maybeExecuted: boolean;

  constructor(message: string, exit: WorkerExit, maybeExecuted: boolean, cause?: unknown) {
    super('WORKER_EXITED', message, { retryable: !maybeExecuted, cause });
    this.exitCode = exit.exitCode;
    this.signal = exit.signal;
    this.stderrTail = exit.stderrTail;
    this.maybeExecuted = maybeExecuted;
  }
}

/** A worker could not start: its module failed to import, or it took too long. */
export class ModuleStartError extends SynapseError {
  declare readonly code: 'MODULE_START_FAILED';
  override readonly name = 'ModuleStartError';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;

  constructor(message: string, exit: WorkerExit, cause?: unknown) {
    super('MODULE_START_FAILED', message, { cause });
    this.exitCode = exit.exitCode;
    this.signal = exit.signal;
    this.stderrTail = exit.stderrTail;
  }
}

/** A call ran longer than its `timeoutMs`. */
export class CallTimeoutError extends SynapseError {
  declare readonly code: 'CALL_TIMEOUT';
  override readonly name = 'CallTimeoutError';
  readonly timeoutMs: number;

  constructor(what: string, timeoutMs: number) {
    super('CALL_TIMEOUT', `${what} did not finish within ${timeoutMs} ms and is being stopped.`);
    this.timeoutMs = timeoutMs;
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

  constructor(maxQueue: number) {
    super(
      'QUEUE_FULL',
      `The queue is full: ${maxQueue} calls are waiting for a worker. Wait for some to finish, add workers, or raise maxQueue.`,
      { retryable: true },
    );
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

// The errors of Synapse: one base with a stable code; a handful of classes that a caller handles
// differently. Those about a single value are in `value-errors`; how all of them travel is the room
// `error-maps`. Implements the section "Errors" of docs/protocol.md.

import { setProperty } from './own-properties.js';

/** Codes that both wings know. User code may make up its own, so any string may come. */
export type ErrorCode =
  | 'PYTHON_EXCEPTION'
  | 'METHOD_NOT_FOUND'
  | 'INVALID_ARGUMENTS'
  | 'NOT_A_STREAM'
  | 'IS_A_STREAM'
  | 'CALL_CANCELLED'
  | 'CALL_TIMEOUT'
  | 'ENCODE_FAILED'
  | 'DECODE_FAILED'
  | 'DEPTH_EXCEEDED'
  | 'PROTOCOL_ERROR'
  | 'FRAME_TOO_LARGE'
  | 'FRAME_TRUNCATED'
  | 'FRAME_STALLED'
  | 'MODULE_START_FAILED'
  | 'WORKER_EXITED'
  | 'QUEUE_FULL'
  | 'CIRCUIT_OPEN'
  | 'CLOSED'
  | 'DIALECT_UNDECIDED'
  | 'INVALID_CONFIG'
  | 'INTERNAL'
  | 'PYTHON_NOT_FOUND'
  | 'PYTHON_UNSUPPORTED'
  | 'NETWORK_UNAVAILABLE'
  | 'PACKAGE_NOT_FOUND'
  | 'REQUIREMENTS_INVALID'
  | 'BUILD_FAILED'
  | 'ENVIRONMENT_LOCKED'
  | 'ENVIRONMENT_UNWRITABLE'
  | 'VALIDATION_FAILED'
  | 'RESULT_INVALID'
  | 'INTEGER_OUT_OF_RANGE'
  | 'STALE_CLIENT'
  | 'SCHEMA_INVALID'
  | 'SERVICE_CLOSED'
  | 'CALLBACK_RELEASED'
  | (string & {});

/** Codes of failures that the same call may not meet again a moment later. */
const RETRYABLE_CODES: ReadonlySet<string> = new Set([
  'WORKER_EXITED',
  'QUEUE_FULL',
  'CIRCUIT_OPEN',
  'NETWORK_UNAVAILABLE',
  'ENVIRONMENT_LOCKED',
]);

// A registered symbol is the same in every copy of this package and in every realm; `instanceof` is not.
const BRAND = Symbol.for('synapse-worker.SynapseError');

export interface ErrorOptions {
  readonly retryable?: boolean;
  readonly details?: unknown;
  readonly cause?: unknown;
}

export interface CodedErrorOptions extends ErrorOptions {
  readonly code?: ErrorCode;
}

/** A failure that Synapse knows by name. */
export class SynapseError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call, made again, may succeed. */
  readonly retryable: boolean;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE_CODES.has(code);
    this.details = options.details ?? null;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Whether `error` is one of ours, also from another copy of this package. */
  static is(error: unknown): error is SynapseError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }

  static {
    nameClass(SynapseError, 'SynapseError');
  }
}

/** Gives a class of errors its name, which minifiers leave it. */
export function nameClass(type: { readonly prototype: Error }, name: string): void {
  setProperty(type.prototype, 'name', name);
}

/** The other end broke the protocol; the connection cannot go on. */
export class ProtocolError extends SynapseError {
  declare readonly code: 'PROTOCOL_ERROR';

  constructor(message: string, options: ErrorOptions = {}) {
    super('PROTOCOL_ERROR', message, options);
  }

  static {
    nameClass(ProtocolError, 'ProtocolError');
  }
}

/** A frame is larger than allowed (`FRAME_TOO_LARGE`), the stream ended inside it (`FRAME_TRUNCATED`), or it stopped there (`FRAME_STALLED`). */
export class FrameError extends SynapseError {
  declare readonly code: 'FRAME_TOO_LARGE' | 'FRAME_TRUNCATED' | 'FRAME_STALLED';

  constructor(code: FrameError['code'], message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }

  static {
    nameClass(FrameError, 'FrameError');
  }
}

export interface PythonErrorOptions extends CodedErrorOptions {
  readonly pythonType?: string;
  readonly pythonModule?: string;
  /** Names of the ancestors of the exception's class, nearest first, without `Exception`. */
  readonly bases?: readonly string[];
  readonly traceback?: string;
  readonly notes?: readonly string[];
}

/**
 * An exception that Python code raised, with what is known of it.
 *
 * A `SynapseError` that it raised with a code of its own keeps that code: ask `SynapseError.is(error)`
 * for it, whose code may be any.
 */
export class PythonError extends SynapseError {
  declare readonly code: 'PYTHON_EXCEPTION';
  /** Name of the exception's class, as in `ZeroDivisionError`. */
  readonly pythonType: string;
  /** Module of the exception's class, as in `builtins`. */
  readonly pythonModule: string;
  /** Names of the ancestors of that class, nearest first and without `Exception`, as in `ArithmeticError`. */
  readonly bases: readonly string[];
  /** What Python would have printed; whoever prints the error sees it in the stack. */
  declare readonly traceback: string;
  /** Notes added with `add_note`. */
  readonly notes: readonly string[];

  constructor(message: string, options: PythonErrorOptions = {}) {
    super(options.code ?? 'PYTHON_EXCEPTION', message, options);
    this.pythonType = options.pythonType ?? 'Exception';
    this.pythonModule = options.pythonModule ?? 'builtins';
    this.bases = options.bases ?? [];
    setProperty(this, 'traceback', options.traceback ?? '');
    this.notes = options.notes ?? [];
    if (this.traceback !== '') {
      // An error that nobody catches prints its stack, and the half that matters is in Python.
      setProperty(this, 'stack', `${this.stack}\n\n${this.traceback.trimEnd()}`);
    }
  }

  static {
    nameClass(PythonError, 'PythonError');
  }
}

// The errors of Synapse: one base with a stable code; a handful of classes that a caller handles
// differently. How they travel is the room `error-maps`. Implements the section "Errors" of
// docs/protocol.md.

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
  | 'MODULE_START_FAILED'
  | 'WORKER_EXITED'
  | 'QUEUE_FULL'
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
  | (string & {});

/** Codes of failures that the same call may not meet again a moment later. */
const RETRYABLE_CODES: ReadonlySet<string> = new Set([
  'WORKER_EXITED',
  'QUEUE_FULL',
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

/** Gives a class of errors the name that its instances print; minifiers do not reach it. */
function nameClass(type: { prototype: Error }, name: string): void {
  Object.defineProperty(type.prototype, 'name', {
    value: name,
    configurable: true,
    writable: true,
  });
}

/** A value cannot travel. */
export class EncodeError extends SynapseError {
  /** Where in the value the trouble is, as in `$.items[3].fn`. */
  readonly path: string;

  constructor(message: string, options: CodedErrorOptions & { readonly path?: string } = {}) {
    const path = options.path ?? '$';
    super(options.code ?? 'ENCODE_FAILED', message, { ...options, details: { path } });
    this.path = path;
  }

  static {
    nameClass(EncodeError, 'EncodeError');
  }
}

/** Bytes that are not the value they should be. */
export class DecodeError extends SynapseError {
  constructor(message: string, options: CodedErrorOptions = {}) {
    super(options.code ?? 'DECODE_FAILED', message, options);
  }

  static {
    nameClass(DecodeError, 'DecodeError');
  }
}

/** The other end broke the protocol; the connection cannot go on. */
export class ProtocolError extends SynapseError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('PROTOCOL_ERROR', message, options);
  }

  static {
    nameClass(ProtocolError, 'ProtocolError');
  }
}

/** A frame is larger than allowed (`FRAME_TOO_LARGE`) or the stream ended inside it (`FRAME_TRUNCATED`). */
export class FrameError extends SynapseError {
  constructor(
    code: 'FRAME_TOO_LARGE' | 'FRAME_TRUNCATED',
    message: string,
    options: ErrorOptions = {},
  ) {
    super(code, message, options);
  }

  static {
    nameClass(FrameError, 'FrameError');
  }
}

export interface PythonErrorOptions extends CodedErrorOptions {
  readonly pythonType?: string;
  readonly pythonModule?: string;
  readonly traceback?: string;
  readonly notes?: readonly string[];
}

/** An exception that Python code raised, with what is known of it. */
export class PythonError extends SynapseError {
  /** Name of the exception's class, as in `ZeroDivisionError`. */
  readonly pythonType: string;
  /** Module of the exception's class, as in `builtins`. */
  readonly pythonModule: string;
  /** What Python would have printed. */
  readonly traceback: string;
  /** Notes added with `add_note`. */
  readonly notes: readonly string[];

  constructor(message: string, options: PythonErrorOptions = {}) {
    super(options.code ?? 'PYTHON_EXCEPTION', message, options);
    this.pythonType = options.pythonType ?? 'Exception';
    this.pythonModule = options.pythonModule ?? 'builtins';
    this.traceback = options.traceback ?? '';
    this.notes = options.notes ?? [];
    if (this.traceback !== '') {
      // An error that nobody catches prints its stack, and the half that matters is in Python.
      Object.defineProperty(this, 'stack', {
        value: `${this.stack}\n\n${this.traceback.trimEnd()}`,
        configurable: true,
        writable: true,
      });
    }
  }

  static {
    nameClass(PythonError, 'PythonError');
  }
}

/**
 * Why a module has no environment: the cause, the tool's own last lines, what to do about it, and where
 * the whole of it stands; in the words of the command line.
 */
import { type ErrorCode, SynapseError } from '../../core/protocol/errors.js';

/** How many of the tool's lines the message itself quotes; `lines` holds all that were kept. */
const QUOTED_LINES = 20;

/** What an {@link EnvironmentError} carries beside its code and message. */
export interface EnvironmentFailure {
  /** The last lines the failing tool printed, oldest first. */
  readonly lines?: readonly string[];
  /** One sentence: what to do next. */
  readonly hint?: string | undefined;
  /** The file that holds the whole output of the build. */
  readonly logPath?: string | undefined;
  /** Whether the same build may succeed when tried again. */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** What an environment fails with. */
export type EnvironmentCode =
  | 'PYTHON_NOT_FOUND'
  | 'PYTHON_UNSUPPORTED'
  | 'NETWORK_UNAVAILABLE'
  | 'PACKAGE_NOT_FOUND'
  | 'REQUIREMENTS_INVALID'
  | 'BUILD_FAILED'
  | 'ENVIRONMENT_LOCKED'
  | 'ENVIRONMENT_UNWRITABLE'
  | 'INVALID_CONFIG'
  | 'INTERNAL';

/** The Python environment of a module could not be found, built or used. */
export class EnvironmentError extends SynapseError {
  declare readonly code: EnvironmentCode;
  override readonly name = 'EnvironmentError';
  /** The last lines the failing tool printed, oldest first. */
  readonly lines: readonly string[];
  /** One sentence: what to do next. */
  readonly hint: string | undefined;
  /** The file that holds the whole output of the build, where there is one. */
  readonly logPath: string | undefined;

  constructor(code: ErrorCode, message: string, failure: EnvironmentFailure = {}) {
    const { lines = [], hint, logPath, retryable, cause } = failure;
    const quoted = lines.slice(-QUOTED_LINES).map((line) => `  | ${line}`);
    const advice = hint ? [`What to do: ${hint}`] : [];
    const log = logPath ? [`Full log: ${logPath}`] : [];
    super(code, [message, ...quoted, ...advice, ...log].join('\n'), {
      ...(retryable === undefined ? {} : { retryable }),
      details: { lines, hint: hint ?? null, logPath: logPath ?? null },
      cause,
    });
    this.lines = lines;
    this.hint = hint;
    this.logPath = logPath;
  }
}

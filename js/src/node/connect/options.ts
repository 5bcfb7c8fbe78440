/** What `connect()` can be told, its defaults, and the check of both. */
import { SynapseError } from '../../core/protocol/errors.js';
import type { EnvironmentEvent } from '../env/index.js';
import type { LogRecord } from '../supervisor/log-record.js';
import type { ChannelChoice } from '../supervisor/spawn-spec.js';

export interface ConnectOptions {
  /** The file to run, with or without `.py`. Default: `[tool.synapse] entrypoint`, else `main.py`. */
  readonly entrypoint?: string | undefined;
  /** What messages call the module. Default: `[tool.synapse] name`, else the folder's name. */
  readonly name?: string | undefined;
  /** Worker processes. Default: `[tool.synapse] workers`, else 1. */
  readonly workers?: number | undefined;
  /** Default `auto`: native when the entrypoint imports `synapse_worker`. */
  readonly dialect?: 'auto' | 'native' | 'raw' | undefined;
  /** The Python of the environment: a version, a command or a path. */
  readonly python?: string | undefined;
  /** What installs packages: `auto` takes uv where it is found. */
  readonly backend?: 'auto' | 'uv' | 'virtualenv' | undefined;
  /** How bytes travel; `auto` takes pipes where they can be had. */
  readonly channel?: ChannelChoice | undefined;
  /** Environment variables for the workers, on top of this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default for every call's `timeoutMs`; 0, the default, means no limit. */
  readonly timeoutMs?: number | undefined;
  /** How long a worker may take to import the module. Default 60 000. */
  readonly startTimeoutMs?: number | undefined;
  /** How long `close()` waits for calls and teardown hooks. Default 5 000. */
  readonly closeTimeoutMs?: number | undefined;
  /** How long a cancelled call may take to stop before its worker is replaced. Default 500. */
  readonly graceMs?: number | undefined;
  /** Calls that may wait for a worker; one more rejects with `QueueFullError`. Default 100 000. */
  readonly maxQueue?: number | undefined;
  /** Gives up connecting. Once connected it has no effect. */
  readonly signal?: AbortSignal | undefined;
  /** Receives what the workers print and log. Default: it goes to this process's stderr. */
  readonly onLog?: ((record: LogRecord) => void) | undefined;
  /** Receives what building the environment reports, instead of a progress bar. */
  readonly onEnvironmentEvent?: ((event: EnvironmentEvent) => void) | undefined;
}

export interface Timings {
  readonly timeoutMs: number;
  readonly startTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly graceMs: number;
  readonly maxQueue: number;
}

const DEFAULTS: Timings = {
  timeoutMs: 0,
  startTimeoutMs: 60_000,
  closeTimeoutMs: 5_000,
  graceMs: 500,
  maxQueue: 100_000,
};

const MAX_WORKERS = 1024;

/** Fills in the defaults. @throws {SynapseError} `INVALID_CONFIG` for a number that makes no sense */
export function timingsOf(options: Partial<Record<keyof Timings, number | undefined>>): Timings {
  const timings: { -readonly [K in keyof Timings]: number } = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS) as (keyof Timings)[]) {
    const value = options[key];
    if (value !== undefined) timings[key] = checkNumber(key, value);
  }
  return timings;
}

export function checkWorkers(workers: number): number {
  if (Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS) return workers;
  throw invalid(`workers must be an integer from 1 to ${MAX_WORKERS}, not ${String(workers)}.`);
}

/** `timeoutMs` of one call. @throws {SynapseError} `INVALID_CONFIG` */
export function checkNumber(key: string, value: number): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw invalid(`${key} must be a number of at least 0, not ${String(value)}.`);
}

export function invalid(message: string): SynapseError {
  return new SynapseError('INVALID_CONFIG', message);
}

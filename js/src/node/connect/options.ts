/** What `connect()` can be told, its defaults, and the check of both. */
import type { CallOptions } from '../../core/client/client.js';
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
  /**
   * Replaces the workers when a file of the module changes; those that run stay until the new ones
   * have started. Default: whether `$SYNAPSE_WATCH` is 1, as `synapse dev` sets it.
   */
  readonly watch?: boolean | undefined;
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

/** Every option there is; the type makes the compiler miss one that is missing here. */
const NAMES: Record<keyof ConnectOptions, true> = {
  entrypoint: true,
  name: true,
  workers: true,
  dialect: true,
  python: true,
  backend: true,
  channel: true,
  env: true,
  timeoutMs: true,
  startTimeoutMs: true,
  closeTimeoutMs: true,
  graceMs: true,
  maxQueue: true,
  signal: true,
  onLog: true,
  onEnvironmentEvent: true,
  watch: true,
};

/** Every option of a call there is. */
const CALL_NAMES: Record<keyof CallOptions, true> = {
  timeoutMs: true,
  signal: true,
  onProgress: true,
};

const CHOICES = {
  dialect: ['auto', 'native', 'raw'],
  backend: ['auto', 'uv', 'virtualenv'],
  channel: ['auto', 'socket', 'stdio'],
} as const;

/**
 * Checks what stands in the options of `where`.
 *
 * @param further names that `where` has besides
 * @throws {SynapseError} `INVALID_CONFIG`
 */
export function checkConnectOptions(
  where: string,
  options: ConnectOptions,
  further: readonly string[] = [],
): void {
  checkObject(where, options);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(NAMES, name) && !further.includes(name)) {
      throw unknownOption(where, name, [...Object.keys(NAMES), ...further]);
    }
  }
  for (const name of Object.keys(CHOICES) as (keyof typeof CHOICES)[]) {
    const value = options[name];
    const choices: readonly unknown[] = CHOICES[name];
    if (value === undefined || choices.includes(value)) continue;
    throw invalid(`${name} must be one of ${choices.join(', ')}, not ${String(value)}.`);
  }
  checkSignal(options.signal);
  checkCallback('onLog', options.onLog);
  checkCallback('onEnvironmentEvent', options.onEnvironmentEvent);
  const { watch } = options;
  if (watch !== undefined && typeof watch !== 'boolean') {
    throw invalid(`watch must be true or false, not ${String(watch)}.`);
  }
}

/** Checks the options of one call. @throws {SynapseError} `INVALID_CONFIG` */
export function checkCallOptions(options: CallOptions): void {
  checkObject('a call', options);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(CALL_NAMES, name)) {
      throw unknownOption('A call', name, Object.keys(CALL_NAMES));
    }
  }
  const { timeoutMs, signal, onProgress } = options;
  if (timeoutMs !== undefined) checkNumber('timeoutMs', timeoutMs);
  checkSignal(signal);
  checkCallback('onProgress', onProgress);
}

/** Options are an object. @throws {SynapseError} `INVALID_CONFIG` */
export function checkObject(where: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw invalid(`The options of ${where} must be an object, not ${String(options)}.`);
}

function checkSignal(signal: CallOptions['signal']): void {
  if (signal === undefined) return;
  if (typeof signal?.addEventListener === 'function' && typeof signal.aborted === 'boolean') return;
  throw invalid('signal must be an AbortSignal, as in { signal: controller.signal }.');
}

function checkCallback(name: string, callback: unknown): void {
  if (callback === undefined || typeof callback === 'function') return;
  throw invalid(`${name} must be a function, not ${String(callback)}.`);
}

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

/** Returns a limit or a count, `Infinity` included. @throws {SynapseError} `INVALID_CONFIG` */
export function checkNumber(key: string, value: number): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw invalid(`${key} must be a number of at least 0, not ${String(value)}.`);
}

function unknownOption(where: string, name: string, known: readonly string[]): SynapseError {
  return invalid(`${where} has no option "${name}"; it has ${[...known].sort().join(', ')}.`);
}

export function invalid(message: string): SynapseError {
  return new SynapseError('INVALID_CONFIG', message);
}

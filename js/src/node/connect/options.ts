/** What `connect()` can be told, its defaults, and the check of both. */
import type { CallClocks } from '../../core/client/client.js';
import type { EnvironmentEvent } from '../env/index.js';
import type { LogRecord } from '../supervisor/connection/log-record.js';
import type { ChannelChoice } from '../supervisor/process/spawn-spec.js';
import { CallPolicies } from './call-options.js';
import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNames,
  checkNumber,
  checkObject,
  checkSignal,
  checkText,
  invalid,
} from './option-checks.js';
import { type PoolOptionsOfClient, poolPolicyOf } from './pool-options.js';

/** The trace that a call belongs to, as W3C Trace Context writes it. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** The clocks are defaults for every call's own. */
export interface ConnectOptions extends PoolOptionsOfClient, CallClocks {
  /** The file to run, with or without `.py`. Default: `[tool.synapse] entrypoint`, else `main.py`. */
  readonly entrypoint?: string | undefined;
  /** What messages call the module. Default: `[tool.synapse] name`, else the folder's name. */
  readonly name?: string | undefined;
  /** Default `auto`: native when the entrypoint imports `synapse_worker`. */
  readonly dialect?: 'auto' | 'native' | 'raw' | undefined;
  /** The Python of the environment: a version, a range, a command, a path, `active` or `conda:NAME`. */
  readonly python?: string | undefined;
  /** What installs packages: `auto` takes uv where it is found. */
  readonly backend?: 'auto' | 'uv' | 'virtualenv' | undefined;
  /**
   * Share one environment, in the user's cache, with all modules that need the very same one.
   * Default: `[tool.synapse] share-environment`, else false.
   */
  readonly shareEnvironment?: boolean | undefined;
  /** How bytes travel; `auto` takes pipes where they can be had. */
  readonly channel?: ChannelChoice | undefined;
  /** Environment variables for the workers, on top of this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How often a call that is `idempotent` is run again at most, within its clocks, when its worker dies. Default 2. */
  readonly retries?: number | undefined;
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
  /**
   * Closes the client when this process gets SIGINT or SIGTERM; when it has closed, the signal takes
   * its course. Default false.
   */
  readonly handleSignals?: boolean | undefined;
  /** Asked at each call for the trace that it belongs to; Python sees it as `ctx.traceparent`. */
  readonly trace?: (() => TraceContext | undefined) | undefined;
}

/** What is not the supervisor's to know in detail: limits in milliseconds, but for `maxQueue`. */
export interface Timings {
  readonly startTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly graceMs: number;
  readonly maxQueue: number;
}

const DEFAULTS: Timings = {
  startTimeoutMs: 60_000,
  closeTimeoutMs: 5_000,
  graceMs: 500,
  maxQueue: 100_000,
};

/** Every option there is; the type makes the compiler miss one that is missing here. */
const NAMES: Record<keyof ConnectOptions, true> = {
  entrypoint: true,
  name: true,
  workers: true,
  dialect: true,
  python: true,
  backend: true,
  shareEnvironment: true,
  channel: true,
  env: true,
  timeoutMs: true,
  queueTimeoutMs: true,
  totalTimeoutMs: true,
  idleTimeoutMs: true,
  startTimeoutMs: true,
  closeTimeoutMs: true,
  graceMs: true,
  maxQueue: true,
  concurrency: true,
  methods: true,
  retries: true,
  restarts: true,
  recycle: true,
  limits: true,
  watchdog: true,
  zygote: true,
  handleSignals: true,
  trace: true,
  signal: true,
  onLog: true,
  onEnvironmentEvent: true,
  watch: true,
};

const CHOICES = {
  dialect: ['auto', 'native', 'raw'],
  backend: ['auto', 'uv', 'virtualenv'],
  channel: ['auto', 'socket', 'stdio'],
} as const;

const TEXTS = ['entrypoint', 'name', 'python'] as const;

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
  checkNames(where, options, [...Object.keys(NAMES), ...further]);
  for (const name of Object.keys(CHOICES) as (keyof typeof CHOICES)[]) {
    checkChoice(name, options[name], CHOICES[name]);
  }
  for (const name of TEXTS) checkText(name, options[name]);
  checkEnvironment(options.env);
  checkSignal(options.signal);
  checkFunction('onLog', options.onLog);
  checkFunction('onEnvironmentEvent', options.onEnvironmentEvent);
  checkFunction('trace', options.trace);
  checkBoolean('shareEnvironment', options.shareEnvironment);
  checkBoolean('watch', options.watch);
  checkBoolean('handleSignals', options.handleSignals);
  // Made for their refusals alone: before a long build, not after it.
  poolPolicyOf(options);
  new CallPolicies(options);
}

function checkEnvironment(env: unknown): void {
  if (env === undefined || (typeof env === 'object' && env !== null && !Array.isArray(env))) return;
  throw invalid("env must be an object, as in { env: { MODEL: 'small' } }.");
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

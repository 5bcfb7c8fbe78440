/** What `connect()` can be told about workers: how many, when they are replaced, what they may use. */
import type { MethodPolicy, PoolPolicy, ResourceLimits } from '../supervisor/pool-policy.js';
import { checkMethods, type MethodOptions } from './call-options.js';
import {
  checkBoolean,
  checkChoice,
  checkConcurrency,
  checkGroup,
  checkInteger,
  checkNumber,
  invalid,
} from './option-checks.js';

/** A number of workers that follows what there is to do. */
export interface WorkerCount {
  /** Workers that are always there. With 0 the first call starts one. Default 1. */
  readonly min?: number | undefined;
  /** Most workers; more than `min` are started while calls wait. Default: `min`, at least 1. */
  readonly max?: number | undefined;
  /** After how many milliseconds without work those above `min` end. Default 30 000. */
  readonly idleTimeoutMs?: number | undefined;
}

/**
 * When workers that keep dying are given a rest: then calls fail at once with `CircuitOpenError`,
 * until a worker that is started as a probe becomes ready.
 */
export interface RestartOptions {
  /** Ends that nobody asked for, within `withinMs`, above which none is started. Default 10 and 10 for each worker. */
  readonly max?: number | undefined;
  /** Default 10 000. */
  readonly withinMs?: number | undefined;
  /** How long the rest is, in milliseconds; twice as long after each probe that failed, up to a minute. Default 1 000. */
  readonly coolDownMs?: number | undefined;
}

/** When a worker is replaced by a new one, which is started first; nothing is lost. */
export interface RecycleOptions {
  /** Calls it has served. Default: no limit. */
  readonly calls?: number | undefined;
  /** Its resident memory in bytes (Linux). Default: no limit. */
  readonly memoryBytes?: number | undefined;
  /** How long it has lived, in milliseconds. Default: no limit. */
  readonly ageMs?: number | undefined;
  /** By what part each limit is lowered at random, so that not all workers reach it at once; 0 to 1. Default 0.1. */
  readonly jitter?: number | undefined;
}

/** What is done about a worker whose interpreter does not answer because C code holds on to it. */
export interface WatchdogOptions {
  /** How many milliseconds a worker may be busy without news before it is asked. Default 10 000. */
  readonly afterMs?: number | undefined;
  /** `report` tells listeners of `unresponsive`; `replace` also kills it and starts another. Default `report`. */
  readonly action?: 'report' | 'replace' | undefined;
}

/** The options of a client that say how its pool works. */
export interface PoolOptionsOfClient {
  /**
   * Worker processes: how many, or how few and how many, by what there is to do. Default:
   * `[tool.synapse] workers`, else 1.
   */
  readonly workers?: number | WorkerCount | undefined;
  /** Most calls and streams under way at a time, over all workers. Default: no limit. */
  readonly concurrency?: number | undefined;
  /** Defaults for the calls of single methods, by their names in Python; others are refused once a worker has started. */
  readonly methods?: Readonly<Record<string, MethodOptions>> | undefined;
  /** When workers that keep dying are given a rest. */
  readonly restarts?: RestartOptions | undefined;
  /** When workers are replaced before they grow old or fat. */
  readonly recycle?: RecycleOptions | undefined;
  /** What each worker may use at most. */
  readonly limits?: ResourceLimits | undefined;
  /** What is done about workers whose interpreter does not answer; `false` turns it off. */
  readonly watchdog?: WatchdogOptions | false | undefined;
  /**
   * Whether workers are forked from a warm process that has imported the module, which takes
   * milliseconds instead of an import (Linux). Where that cannot be done they are started anew.
   * Default true, unless `$SYNAPSE_ZYGOTE` is 0.
   */
  readonly zygote?: boolean | undefined;
}

const MAX_WORKERS = 1024;
const IDLE_TIMEOUT_MS = 30_000;
const RESTARTS = { base: 10, each: 10, withinMs: 10_000, coolDownMs: 1_000 } as const;
const JITTER = 0.1;
const WATCHDOG = { afterMs: 10_000, action: 'report' } as const;

/** Fills in the defaults. @throws {SynapseError} `INVALID_CONFIG` for what makes no sense */
export function poolPolicyOf(options: PoolOptionsOfClient): PoolPolicy {
  const { workers = 1, concurrency = Number.POSITIVE_INFINITY, zygote } = options;
  const { methods = {}, restarts = {}, recycle = {}, limits = {}, watchdog = {} } = options;
  const size = sizeOf(workers);
  checkBoolean('zygote', zygote);
  return {
    size,
    concurrency: checkConcurrency('concurrency', concurrency),
    methods: methodsOf(methods),
    restarts: restartsOf(restarts, size.max),
    recycle: recycleOf(recycle),
    limits: limitsOf(limits),
    watchdog: watchdogOf(watchdog),
    zygote: zygote ?? process.env.SYNAPSE_ZYGOTE !== '0',
  };
}

function sizeOf(workers: number | WorkerCount): PoolPolicy['size'] {
  if (typeof workers === 'number' || typeof workers !== 'object' || workers === null) {
    const fixed = checkWorkers('workers', workers as number, 1);
    return { min: fixed, max: fixed, idleTimeoutMs: IDLE_TIMEOUT_MS };
  }
  checkGroup('workers', workers, ['min', 'max', 'idleTimeoutMs']);
  const { min: least, max: most, idleTimeoutMs = IDLE_TIMEOUT_MS } = workers;
  // Where one of them is missing it follows the other.
  const min = checkWorkers('workers.min', least === undefined ? Math.min(1, most ?? 1) : least, 0);
  const max = checkWorkers('workers.max', most === undefined ? Math.max(1, min) : most, 1);
  if (max < min) throw invalid(`workers.max must be at least workers.min: ${max} is below ${min}.`);
  return { min, max, idleTimeoutMs: checkNumber('workers.idleTimeoutMs', idleTimeoutMs) };
}

function checkWorkers(key: string, count: number, least: number): number {
  if (Number.isInteger(count) && count >= least && count <= MAX_WORKERS) return count;
  throw invalid(`${key} must be an integer from ${least} to ${MAX_WORKERS}, not ${String(count)}.`);
}

function methodsOf(methods: Readonly<Record<string, MethodOptions>>): Map<string, MethodPolicy> {
  checkMethods(methods);
  const policies = new Map<string, MethodPolicy>();
  for (const [name, { concurrency }] of Object.entries(methods)) {
    if (concurrency !== undefined) policies.set(name, { concurrency });
  }
  return policies;
}

function restartsOf(options: RestartOptions, workers: number): PoolPolicy['restarts'] {
  checkGroup('restarts', options, ['max', 'withinMs', 'coolDownMs']);
  const { base, each } = RESTARTS;
  const {
    max = base + each * workers,
    withinMs = RESTARTS.withinMs,
    coolDownMs = RESTARTS.coolDownMs,
  } = options;
  return {
    max: checkNumber('restarts.max', max),
    withinMs: checkNumber('restarts.withinMs', withinMs),
    coolDownMs: checkNumber('restarts.coolDownMs', coolDownMs),
  };
}

function recycleOf(options: RecycleOptions): PoolPolicy['recycle'] {
  checkGroup('recycle', options, ['calls', 'memoryBytes', 'ageMs', 'jitter']);
  const never = Number.POSITIVE_INFINITY;
  const { calls = never, memoryBytes = never, ageMs = never, jitter = JITTER } = options;
  if (!(checkNumber('recycle.jitter', jitter) <= 1)) {
    throw invalid(`recycle.jitter must be a number from 0 to 1, not ${jitter}.`);
  }
  return {
    calls: checkAmount('recycle.calls', calls),
    memoryBytes: checkAmount('recycle.memoryBytes', memoryBytes),
    ageMs: checkAmount('recycle.ageMs', ageMs),
    jitter,
  };
}

/** Every limit there is; the type makes the compiler miss one that is missing here. */
const LIMITS: Record<keyof ResourceLimits, true> = {
  memoryBytes: true,
  addressSpaceBytes: true,
  cpuSeconds: true,
  openFiles: true,
  processes: true,
  fileSizeBytes: true,
};

function limitsOf(options: ResourceLimits): ResourceLimits {
  const names = Object.keys(LIMITS) as (keyof ResourceLimits)[];
  checkGroup('limits', options, names);
  for (const name of names) {
    const limit = options[name];
    if (limit !== undefined) checkInteger(`limits.${name}`, limit, 1);
  }
  return options;
}

function watchdogOf(options: WatchdogOptions | false): PoolPolicy['watchdog'] {
  if (options === false) return undefined;
  checkGroup('watchdog', options, ['afterMs', 'action']);
  const { afterMs = WATCHDOG.afterMs, action = WATCHDOG.action } = options;
  checkChoice('watchdog.action', action, ['report', 'replace']);
  return { afterMs: checkAmount('watchdog.afterMs', afterMs), action };
}

/** A number above 0, `Infinity` included: 0 of these would mean all the time. */
function checkAmount(key: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value;
  throw invalid(`${key} must be a number above 0, not ${String(value)}.`);
}

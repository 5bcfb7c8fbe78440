/** The options of one call and the defaults that a method has for them: their check, and the policy they make. */
import { CALL_OPTIONS, type CallClocks, type CallOptions } from '../../core/client/client.js';
import type { CallPolicy } from '../supervisor/call/call-policy.js';
import {
  checkBoolean,
  checkConcurrency,
  checkFunction,
  checkGroup,
  checkInteger,
  checkNames,
  checkNumber,
  checkObject,
  checkSignal,
  checkText,
  invalid,
} from './option-checks.js';

/** What calls of one method have instead of the client's defaults; their own options come first. */
export interface MethodOptions extends CallClocks {
  /** Most calls of the method under way at a time, over all workers. Default: as its decorator says, else no limit. */
  readonly concurrency?: number | undefined;
  /** Its calls' `priority`: an integer, the higher the sooner. Default 0. */
  readonly priority?: number | undefined;
  /** Whether its calls may be run again when their worker dies. Default: as its decorator says, else false. */
  readonly idempotent?: boolean | undefined;
  /** How often they are, at most. Default: the client's `retries`. */
  readonly retries?: number | undefined;
}

/** The defaults of a client for its calls. */
export interface CallDefaults extends CallClocks {
  /** How often an idempotent call is run again at most. */
  readonly retries?: number | undefined;
  readonly methods?: Readonly<Record<string, MethodOptions>> | undefined;
}

const CLOCKS = ['timeoutMs', 'queueTimeoutMs', 'totalTimeoutMs', 'idleTimeoutMs'] as const;

const KNOWN_TO_CALLS = Object.keys(CALL_OPTIONS);

/** Every option there is; the type makes the compiler miss one that is missing here. */
const METHOD_NAMES: Record<keyof MethodOptions, true> = {
  timeoutMs: true,
  queueTimeoutMs: true,
  totalTimeoutMs: true,
  idleTimeoutMs: true,
  concurrency: true,
  priority: true,
  idempotent: true,
  retries: true,
};
const KNOWN_TO_METHODS = Object.keys(METHOD_NAMES);

const DEFAULT_RETRIES = 2;

/** Checks the options of one call. @throws {SynapseError} `INVALID_CONFIG` */
export function checkCallOptions(options: CallOptions): void {
  checkObject('a call', options);
  checkNames('A call', options, KNOWN_TO_CALLS);
  checkClocks('', options);
  checkSignal(options.signal);
  checkFunction('onProgress', options.onProgress);
  checkPriority('priority', options.priority);
  checkBoolean('idempotent', options.idempotent);
  checkBoolean('sliced', options.sliced);
  checkText('traceparent', options.traceparent);
  checkText('tracestate', options.tracestate);
}

/** Checks what `connect()` was told about methods. @throws {SynapseError} `INVALID_CONFIG` */
export function checkMethods(methods: CallDefaults['methods']): void {
  if (methods === undefined) return;
  if (typeof methods !== 'object' || methods === null || Array.isArray(methods)) {
    throw invalid('methods must be an object, as in { methods: { embed: { concurrency: 2 } } }.');
  }
  for (const [name, method] of Object.entries(methods)) {
    const where = `methods.${name}`;
    checkGroup(where, method, KNOWN_TO_METHODS);
    checkClocks(`${where}.`, method);
    checkPriority(`${where}.priority`, method.priority);
    checkBoolean(`${where}.idempotent`, method.idempotent);
    if (method.retries !== undefined) checkInteger(`${where}.retries`, method.retries);
    if (method.concurrency !== undefined) {
      checkConcurrency(`${where}.concurrency`, method.concurrency);
    }
  }
}

/**
 * Checks that there are the methods that `connect()` was told about: a misspelt name would silently
 * switch off a limit or a clock. What makes instances (`Cart.$new`) is in no list.
 *
 * @throws {SynapseError} `INVALID_CONFIG`
 */
export function checkMethodsExist(
  module: string,
  methods: CallDefaults['methods'],
  offered: ReadonlyMap<string, unknown>,
): void {
  for (const name of Object.keys(methods ?? {})) {
    if (offered.has(name) || name.includes('$')) continue;
    const known = offered.size === 0 ? 'none' : [...offered.keys()].sort().join(', ');
    throw invalid(`methods.${name}: "${module}" has no method "${name}"; it has ${known}.`);
  }
}

/** How calls are treated: by their own options, else by those of their method, else by the client's. */
export class CallPolicies {
  readonly #standard: CallPolicy;
  readonly #methods = new Map<string, CallPolicy>();

  /** @throws {SynapseError} `INVALID_CONFIG` for a number that makes no sense */
  constructor(defaults: CallDefaults) {
    checkClocks('', defaults);
    const { methods, retries = DEFAULT_RETRIES } = defaults;
    checkMethods(methods);
    this.#standard = {
      ...clocksOf(defaults, NO_CLOCKS),
      ...{ priority: 0, idempotent: undefined, retries: checkInteger('retries', retries) },
    };
    for (const [name, method] of Object.entries(methods ?? {})) {
      this.#methods.set(name, {
        ...clocksOf(method, this.#standard),
        priority: method.priority ?? 0,
        idempotent: method.idempotent,
        retries: method.retries ?? this.#standard.retries,
      });
    }
  }

  /** The policy of a call that has no options of its own. */
  standard(method: string): CallPolicy {
    // Most clients have nothing to say of single methods: their calls look nothing up.
    if (this.#methods.size === 0) return this.#standard;
    return this.#methods.get(method) ?? this.#standard;
  }

  /** The policy of a call whose options have been checked. */
  of(method: string, options: CallOptions): CallPolicy {
    const standard = this.standard(method);
    if (!ownsPolicy(options)) return standard;
    // Spelled out: spreading one object into another costs three times the whole call.
    return {
      runMs: options.timeoutMs ?? standard.runMs,
      queueMs: options.queueTimeoutMs ?? standard.queueMs,
      totalMs: options.totalTimeoutMs ?? standard.totalMs,
      idleMs: options.idleTimeoutMs ?? standard.idleMs,
      priority: options.priority ?? standard.priority,
      idempotent: options.idempotent ?? standard.idempotent,
      retries: standard.retries,
    };
  }
}

type Clocks = Pick<CallPolicy, 'runMs' | 'queueMs' | 'totalMs' | 'idleMs'>;

const NO_CLOCKS: Clocks = { runMs: 0, queueMs: 0, totalMs: 0, idleMs: 0 };

function clocksOf(options: CallClocks, standard: Clocks): Clocks {
  return {
    runMs: options.timeoutMs ?? standard.runMs,
    queueMs: options.queueTimeoutMs ?? standard.queueMs,
    totalMs: options.totalTimeoutMs ?? standard.totalMs,
    idleMs: options.idleTimeoutMs ?? standard.idleMs,
  };
}

function ownsPolicy(options: CallOptions): boolean {
  return (
    options.timeoutMs !== undefined ||
    options.queueTimeoutMs !== undefined ||
    options.totalTimeoutMs !== undefined ||
    options.idleTimeoutMs !== undefined ||
    options.priority !== undefined ||
    options.idempotent !== undefined
  );
}

function checkClocks(where: string, clocks: CallClocks): void {
  for (const clock of CLOCKS) {
    const ms = clocks[clock];
    if (ms !== undefined) checkNumber(`${where}${clock}`, ms);
  }
}

function checkPriority(key: string, priority: number | undefined): void {
  if (priority === undefined || Number.isSafeInteger(priority)) return;
  throw invalid(`${key} must be an integer, not ${String(priority)}.`);
}

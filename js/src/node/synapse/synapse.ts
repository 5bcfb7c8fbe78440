/**
 * The plain class of the original `hq-synapse`, drop-in: spawn a folder of Python, call it with
 * any value, dispose of it. Same messages, same order of checks; none of its ways to hang or die.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { asyncDispose } from '../../core/async-dispose.js';
import type { CallOptions } from '../../core/client/client.js';
import { CallCancelledError, CallTimeoutError, ClosedError } from '../../core/errors.js';
import { SynapseError } from '../../core/protocol/errors.js';
import { prepareLaunch } from '../connect/launch.js';
import { describeModule, withExtension } from '../connect/module.js';
import { checkNumber, checkObject, invalid } from '../connect/option-checks.js';
import { type ConnectOptions, checkConnectOptions, timingsOf } from '../connect/options.js';
import type { LogRecord } from '../supervisor/connection/log-record.js';
import { startTimer } from '../supervisor/timer.js';
import { createInstance, type Instance } from './instance.js';
import { LogLines, type LogStream } from './logs.js';
import { errorOf, parseReply } from './reply.js';

/** What can be told when a module is spawned; everything has a default. */
export interface SpawnOptions
  extends Pick<
    ConnectOptions,
    | 'name'
    | 'dialect'
    | 'python'
    | 'backend'
    | 'channel'
    | 'env'
    | 'startTimeoutMs'
    | 'graceMs'
    | 'maxQueue'
    | 'onEnvironmentEvent'
  > {
  /** How long all of it may take, building the environment included. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Gives the spawn up. */
  readonly signal?: AbortSignal | undefined;
}

export interface DisposeOptions {
  /** How long the module may take to end by itself before it is killed. Default 500. */
  readonly timeoutMs?: number | undefined;
}

/** What a spawn is told that took too long; whatever it was doing then, it is given up. */
function spawnTimeout(timeoutMs: number): CallTimeoutError {
  return new CallTimeoutError('The spawn', {
    ...{ clock: 'run', timeoutMs, queued: 0, workers: [] },
    phases: { queueMs: 0, runMs: timeoutMs, totalMs: timeoutMs },
  });
}

/** How long a disposed module may take to end by itself. */
const DISPOSE_GRACE_MS = 500;

const DISPOSED_EARLY = 'The instance was disposed of while it was being spawned.';

export class Synapse implements AsyncDisposable {
  readonly #lines = new LogLines();
  #instance: Instance | undefined;
  #spawning: Promise<void> | undefined;
  #abort: AbortController | undefined;
  #disposing: Promise<void> | undefined;
  /** How often it was disposed of; a spawn notices one that came after it. */
  #disposals = 0;

  /**
   * What the module prints, line by line: each emission is one line of its stderr or stdout,
   * prefixed `🐍 Python: `, its newline kept. Also async-iterable.
   */
  get instanceLogs(): LogStream {
    return this.#lines.stream;
  }

  /**
   * Makes the module's environment ready (`<directory>/.venv`, from its requirements.txt) and
   * starts it. Does nothing when it is spawned already; concurrent spawns share one.
   *
   * @param entrypoint the file to run, with or without `.py`
   * @throws {Error} `Directory "…" does not exist.`, `Entrypoint "….py" does not exist.`,
   *   `"requirements.txt" file is missing.`, or why it could not be built or started
   */
  async spawn(directory: string, entrypoint: string, options: SpawnOptions = {}): Promise<void> {
    const disposals = this.#disposals;
    // Only then: a dispose that follows at once must find this spawn under way.
    if (this.#disposing !== undefined) await this.#disposing;
    if (this.#disposals !== disposals) throw new ClosedError(DISPOSED_EARLY);
    if (this.#instance !== undefined) return;
    this.#spawning ??= this.#spawn(directory, withExtension(entrypoint), options).finally(() => {
      this.#spawning = undefined;
    });
    await this.#spawning;
  }

  /**
   * Sends one input to the module and resolves to its reply. Parallel calls are answered in order.
   *
   * @param forceJSONParse parse the reply as JSON; one that does not parse is returned as it is
   * @throws {Error} at once, when the module is not spawned. Rejects with the reply's own `error`
   *   when it has a truthy one.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the original's signature; callers rely on it
  call<ResultType = any>(input: any, options: CallOptions): Promise<ResultType>;
  // biome-ignore lint/suspicious/noExplicitAny: the original's signature; callers rely on it
  call<ResultType = any>(
    // biome-ignore lint/suspicious/noExplicitAny: the original's signature; callers rely on it
    input: any,
    forceJSONParse?: boolean,
    options?: CallOptions,
  ): Promise<ResultType>;
  call(
    input: unknown,
    parseOrOptions: boolean | CallOptions = false,
    callOptions: CallOptions = {},
  ): Promise<unknown> {
    const instance = this.#instance;
    if (instance === undefined) {
      throw new SynapseError('CLOSED', 'Cannot send inputs to instance before spawning it.');
    }
    const parse = parseOrOptions === true;
    const options =
      typeof parseOrOptions === 'object' && parseOrOptions !== null ? parseOrOptions : callOptions;
    return instance.send(input, options).then((reply) => this.#unwrap(reply, parse));
  }

  /**
   * Ends the module: asked first, after 500 ms forced, with its children. Pending calls reject.
   * Resolves as soon as its process has gone; afterwards it can be spawned again.
   */
  dispose(options: DisposeOptions = {}): Promise<void> {
    checkObject('dispose()', options);
    const graceMs = checkNumber('timeoutMs', options.timeoutMs ?? DISPOSE_GRACE_MS);
    this.#disposals += 1;
    this.#disposing ??= this.#dispose(graceMs).finally(() => {
      this.#disposing = undefined;
    });
    return this.#disposing;
  }

  [asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #spawn(directory: string, entrypoint: string, options: SpawnOptions): Promise<void> {
    checkModule(directory, entrypoint);
    checkConnectOptions('spawn()', options);
    const timeoutMs = checkNumber('timeoutMs', options.timeoutMs ?? 0);
    const abort = new AbortController();
    this.#abort = abort;
    const forward = (): void => abort.abort(options.signal?.reason);
    if (options.signal?.aborted) forward();
    options.signal?.addEventListener('abort', forward);
    const expire = (): void => abort.abort(spawnTimeout(timeoutMs));
    const timer = timeoutMs > 0 ? startTimer(timeoutMs, expire) : undefined;
    try {
      this.#instance = await this.#start(directory, entrypoint, options, abort.signal);
    } catch (error) {
      if (options.signal?.aborted) throw new CallCancelledError('The spawn', options.signal.reason);
      if (abort.signal.reason instanceof CallTimeoutError) throw abort.signal.reason;
      if (abort.signal.aborted) throw new ClosedError(DISPOSED_EARLY, error);
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', forward);
      this.#abort = undefined;
    }
  }

  async #start(
    directory: string,
    entrypoint: string,
    options: SpawnOptions,
    signal: AbortSignal,
  ): Promise<Instance> {
    const timings = timingsOf(options);
    const module = describeModule(directory, { ...options, entrypoint }, 'raw');
    const spawn = await prepareLaunch(module, { ...options, signal });
    signal.throwIfAborted();
    const instance = createInstance({
      ...{ spawn, module, timings },
      channel: options.channel ?? 'auto',
      onLog: (record) => this.#lines.next(logLine(record)),
    });
    const started = instance.start();
    // Once the process is on its way, as the first listener of a Node process takes a while.
    const stop = (): void => void instance.dispose(DISPOSE_GRACE_MS);
    signal.addEventListener('abort', stop);
    await started;
    signal.removeEventListener('abort', stop);
    return instance;
  }

  async #dispose(graceMs: number): Promise<void> {
    this.#abort?.abort();
    let instance = this.#instance;
    this.#instance = undefined;
    if (this.#spawning !== undefined) {
      // What its failure was is told to those who spawned it.
      await this.#spawning.catch(() => undefined);
      instance = this.#instance;
      this.#instance = undefined;
    }
    await instance?.dispose(graceMs);
    this.#lines.end();
  }

  #unwrap(reply: unknown, parse: boolean): unknown {
    const result = parse ? parseReply(reply, (line) => this.#lines.next(line)) : reply;
    const error = errorOf(result);
    if (error) throw error;
    return result;
  }
}

/** The checks of the original, in its order and words. */
function checkModule(directory: string, entrypoint: string): void {
  if (!existsSync(directory)) throw invalid(`Directory "${directory}" does not exist.`);
  if (!existsSync(join(directory, entrypoint))) {
    throw invalid(`Entrypoint "${entrypoint}" does not exist.`);
  }
  if (!existsSync(join(directory, 'requirements.txt'))) {
    throw invalid('"requirements.txt" file is missing.');
  }
}

function logLine({ source, level, logger, message }: LogRecord): string {
  if (source === 'stdout' || source === 'stderr') return `🐍 Python: ${message}`;
  const origin = source === 'logging' ? `${level} ${logger ?? 'root'}: ` : '';
  return `🐍 Python: ${origin}${message}\n`;
}

/**
 * The client of a native module whose workers are processes of this host; it is also what the typed
 * client of a generated file stands on.
 */
import { asyncDispose } from '../../core/async-dispose.js';
import type { Labelled } from '../../core/client/argument-refusals.js';
import { failedCall } from '../../core/client/caller-stack.js';
import type { CallOptions, Client, CloseOptions } from '../../core/client/client.js';
import type { ClientEventName, ClientListener } from '../../core/client/events.js';
import type { Home, MethodCall, ModuleRuntime } from '../../core/client/module-runtime.js';
import { checkOptions } from '../../core/client/option-refusals.js';
import type { ClientStats } from '../../core/client/stats.js';
import { SynapseStream } from '../../core/client/stream.js';
import type { WorkerStatus } from '../../core/worker-status.js';
import type { CallTracer } from '../observe/call-tracer.js';
import type { PoolRecorder } from '../observe/pool-recorder.js';
import { prometheusText } from '../observe/prometheus.js';
import type { CallPolicy } from '../supervisor/call/call-policy.js';
import { CallTask } from '../supervisor/call/call-task.js';
import type { NativeRequest } from '../supervisor/call/native-request.js';
import { SlicedRequest } from '../supervisor/call/sliced-request.js';
import { StreamTask } from '../supervisor/call/stream-task.js';
import type { Task } from '../supervisor/call/task.js';
import type { NativeConnection } from '../supervisor/connection/native-dialect.js';
import type { Pool } from '../supervisor/pool/pool.js';
import type { SpawnSpec } from '../supervisor/process/spawn-spec.js';
import { type CallPolicies, checkCallOptions } from './call-options.js';
import { checkNames, checkNumber, checkObject } from './option-checks.js';
import type { Timings } from './options.js';

const NO_ARGUMENTS: readonly unknown[] = [];
const NO_KEYWORDS: Readonly<Record<string, unknown>> = {};
const NO_OPTIONS: CallOptions = {};

export interface PoolClientOptions {
  readonly timings: Timings;
  readonly calls: CallPolicies;
  readonly recorder: PoolRecorder;
  readonly tracer: CallTracer;
  /** Told when no more calls are taken, maybe more than once. */
  readonly onClosing?: (() => void) | undefined;
  /** Told when its workers have ended, maybe more than once. */
  readonly onClosed?: (() => void) | undefined;
}

export class PoolClient implements Client, ModuleRuntime {
  readonly #pool: Pool<NativeConnection>;
  readonly #timings: Timings;
  readonly #calls: CallPolicies;
  readonly #recorder: PoolRecorder;
  readonly #tracer: CallTracer;
  readonly #onClosing: (() => void) | undefined;
  readonly #onClosed: (() => void) | undefined;

  constructor(pool: Pool<NativeConnection>, options: PoolClientOptions) {
    this.#pool = pool;
    this.#timings = options.timings;
    this.#calls = options.calls;
    this.#recorder = options.recorder;
    this.#tracer = options.tracer;
    this.#onClosing = options.onClosing;
    this.#onClosed = options.onClosed;
  }

  get client(): Client {
    return this;
  }

  /** Told of each worker that took the place of another. */
  set onReplaced(listener: ((home: Home) => void) | undefined) {
    this.#pool.onReplaced = listener;
  }

  call<T = unknown>(
    name: string,
    args: readonly unknown[] = NO_ARGUMENTS,
    kwargs: Readonly<Record<string, unknown>> = NO_KEYWORDS,
    options: CallOptions = NO_OPTIONS,
  ): Promise<T> {
    // No `await` on the way: each would cost a promise, two functions and a turn of the microtasks.
    return new Promise<unknown>((resolve) => {
      const request = { method: name, args, kwargs };
      checkArguments(request);
      this.#submit(request, this.#policy(name, options), options, resolve);
    }) as Promise<T>;
  }

  stream<T = unknown>(
    name: string,
    args: readonly unknown[] = NO_ARGUMENTS,
    kwargs: Readonly<Record<string, unknown>> = NO_KEYWORDS,
    options: CallOptions = NO_OPTIONS,
  ): SynapseStream<T> {
    const request = { method: name, args, kwargs };
    checkArguments(request);
    return this.#open(request, options) as SynapseStream<T>;
  }

  checkOptions(called: Labelled, options: unknown): void {
    checkOptions(called, options);
  }

  refuse(error: unknown): Promise<never> {
    return failedCall(error);
  }

  /** Makes a typed call. */
  request(call: MethodCall, options: CallOptions): Promise<unknown> {
    return new Promise((resolve) => {
      this.#submit(call, this.#policy(call.method, options), options, resolve);
    });
  }

  /** Opens a typed stream. */
  open(call: MethodCall, options: CallOptions): SynapseStream<unknown> {
    return this.#open(call, options);
  }

  /** What a worker, or a certain one, says of its module: its hash and, where that is not `hash`, its members. */
  describe(hash: string, home?: Home): Promise<unknown> {
    const request = { method: '$schema', args: [hash], kwargs: NO_KEYWORDS, home };
    const policy = { ...this.#calls.standard('$schema'), runMs: this.#timings.startTimeoutMs };
    return new Promise((resolve) => this.#submit(request, policy, NO_OPTIONS, resolve));
  }

  /**
   * Replaces the workers, once new ones have started.
   *
   * @param spawn how; by default as before
   * @throws {ModuleStartError} a new one could not start; the old ones go on
   */
  reload(spawn?: SpawnSpec): Promise<void> {
    return this.#pool.reload(spawn);
  }

  get workers(): readonly WorkerStatus[] {
    return this.#pool.workers;
  }

  get queued(): number {
    return this.#pool.queued;
  }

  get needsDrain(): boolean {
    return this.#pool.needsDrain;
  }

  on<Name extends ClientEventName>(event: Name, listener: ClientListener<Name>): () => void {
    return this.#recorder.events.on(event, listener);
  }

  stats(): ClientStats {
    return this.#recorder.stats(this.#pool);
  }

  metrics(): string {
    return prometheusText(this.stats());
  }

  close(options: CloseOptions = {}): Promise<void> {
    const drainMs = drainOf(options) ?? this.#timings.closeTimeoutMs;
    this.#onClosing?.();
    return this.#pool.close(drainMs).finally(this.#onClosed);
  }

  terminate(): Promise<void> {
    this.#onClosing?.();
    return this.#pool.terminate().finally(this.#onClosed);
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #submit(
    request: NativeRequest,
    policy: CallPolicy,
    options: CallOptions,
    resolve: (value: unknown) => void,
  ): void {
    const asked = options.sliced === true ? new SlicedRequest(request) : request;
    this.#tracer.submit(new CallTask(asked, policy, options, resolve), options, this.#toPool);
  }

  #open(request: NativeRequest, options: CallOptions): SynapseStream<unknown> {
    const policy = this.#policy(request.method, options);
    const submit = (task: StreamTask): void => this.#tracer.submit(task, options, this.#toPool);
    const asked = options.sliced === true ? new SlicedRequest(request) : request;
    return new SynapseStream(new StreamTask(asked, policy, options, submit).items);
  }

  readonly #toPool = (task: Task<NativeConnection>): void => this.#pool.submit(task);

  #policy(method: string, options: CallOptions): CallPolicy {
    if (options === NO_OPTIONS) return this.#calls.standard(method);
    checkCallOptions(options);
    return this.#calls.of(method, options);
  }
}

/** What `close()` was told. @throws {SynapseError} `INVALID_CONFIG` */
function drainOf(options: CloseOptions): number | undefined {
  checkObject('close()', options);
  checkNames('close()', options, ['drainMs']);
  return options.drainMs === undefined ? undefined : checkNumber('drainMs', options.drainMs);
}

/** The commonest slip is to pass options, or one bare argument, where a list belongs. */
function checkArguments({
  method,
  args,
  kwargs,
}: {
  method: string;
  args: unknown;
  kwargs: unknown;
}): void {
  if (typeof method !== 'string') {
    throw new TypeError(`The name of a method must be a string, not ${typeof method}.`);
  }
  if (!Array.isArray(args)) {
    throw new TypeError(
      `The positional arguments of "${method}" must be an array, as in call("${method}", [1, 2], { key: 3 }).`,
    );
  }
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs)) {
    throw new TypeError(
      `The keyword arguments of "${method}" must be an object, as in call("${method}", [1, 2], { key: 3 }).`,
    );
  }
}

/**
 * The client of a native module whose workers are processes of this host; it is also what the typed
 * client of a generated file stands on.
 */
import { asyncDispose } from '../../core/async-dispose.js';
import { withCallerStack } from '../../core/client/caller-stack.js';
import type { CallOptions, Client, WorkerStatus } from '../../core/client/client.js';
import type { Home, MethodCall, ModuleRuntime } from '../../core/client/module-runtime.js';
import type { SynapseStream } from '../../core/client/stream.js';
import { CallTask } from '../supervisor/call-task.js';
import type { NativeConnection } from '../supervisor/native-dialect.js';
import type { NativeRequest } from '../supervisor/native-request.js';
import type { Pool } from '../supervisor/pool.js';
import type { SpawnSpec } from '../supervisor/spawn-spec.js';
import { StreamTask } from '../supervisor/stream-task.js';
import { checkCallOptions, type Timings } from './options.js';

const NO_ARGUMENTS: readonly unknown[] = [];
const NO_KEYWORDS: Readonly<Record<string, unknown>> = {};
const NO_OPTIONS: CallOptions = {};

export class PoolClient implements Client, ModuleRuntime {
  readonly #pool: Pool<NativeConnection>;
  readonly #timings: Timings;
  readonly #onClosing: () => void;

  /** @param onClosing told when no more calls are taken, maybe more than once */
  constructor(
    pool: Pool<NativeConnection>,
    timings: Timings,
    onClosing: () => void = () => undefined,
  ) {
    this.#pool = pool;
    this.#timings = timings;
    this.#onClosing = onClosing;
  }

  get client(): Client {
    return this;
  }

  /** Told of each worker that took the place of another. */
  set onReplaced(listener: ((home: Home) => void) | undefined) {
    this.#pool.onReplaced = listener;
  }

  async call<T = unknown>(
    name: string,
    args: readonly unknown[] = NO_ARGUMENTS,
    kwargs: Readonly<Record<string, unknown>> = NO_KEYWORDS,
    options: CallOptions = NO_OPTIONS,
  ): Promise<T> {
    const request = { method: name, args, kwargs };
    checkArguments(request);
    const timeoutMs = this.#timeout(options);
    try {
      return (await this.#submit(request, timeoutMs, options)) as T;
    } catch (error) {
      throw withCallerStack(error);
    }
  }

  stream<T = unknown>(
    name: string,
    args: readonly unknown[] = NO_ARGUMENTS,
    kwargs: Readonly<Record<string, unknown>> = NO_KEYWORDS,
    options: CallOptions = NO_OPTIONS,
  ): SynapseStream<T> {
    const request = { method: name, args, kwargs };
    checkArguments(request);
    const task = new StreamTask(request, this.#timeout(options), options, (submitted) =>
      this.#pool.submit(submitted),
    );
    return task.stream as SynapseStream<T>;
  }

  /** Makes a typed call. */
  async request(call: MethodCall, options: CallOptions): Promise<unknown> {
    return this.#submit(call, this.#timeout(options), options);
  }

  /** Opens a typed stream. */
  open(
    call: MethodCall,
    options: CallOptions,
    fail: (error: unknown) => unknown,
  ): SynapseStream<unknown> {
    const submit = (task: StreamTask): void => this.#pool.submit(task);
    return new StreamTask(call, this.#timeout(options), options, submit, fail).stream;
  }

  /** What a worker, or a certain one, says of its module: its hash and, where that is not `hash`, its members. */
  describe(hash: string, home?: Home): Promise<unknown> {
    const request = { method: '$schema', args: [hash], kwargs: NO_KEYWORDS, home };
    return this.#submit(request, this.#timings.startTimeoutMs, NO_OPTIONS);
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

  close(): Promise<void> {
    this.#onClosing();
    return this.#pool.close(this.#timings.closeTimeoutMs);
  }

  terminate(): Promise<void> {
    this.#onClosing();
    return this.#pool.terminate();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #submit(request: NativeRequest, timeoutMs: number, options: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pool.submit(new CallTask(request, timeoutMs, options, resolve, reject));
    });
  }

  #timeout(options: CallOptions): number {
    checkCallOptions(options);
    return options.timeoutMs ?? this.#timings.timeoutMs;
  }
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

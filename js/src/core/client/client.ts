/** The face of a connected module, without a word about how its workers are run. */

import type { WorkerStatus } from '../worker-status.js';
import type { ClientEventName, ClientListener } from './events.js';
import type { ClientStats } from './stats.js';
import type { SynapseStream } from './stream.js';

/** The part of the platform's `AbortSignal` that is used here. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * How long a call may take, by four clocks; 0 means that a clock never runs out. Whichever does
 * first stops the call, which rejects with `CallTimeoutError`.
 */
export interface CallClocks {
  /**
   * How long the Python code may run, in milliseconds, counted from when a worker can start on it.
   * For a stream: how long each item may take. Default 0.
   */
  readonly timeoutMs?: number | undefined;
  /** How long it may wait for a worker, in milliseconds. Default 0. */
  readonly queueTimeoutMs?: number | undefined;
  /** How long it may take from the moment it is made, all repetitions included, in milliseconds. Default 0. */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * How long it may run without a sign of life, in milliseconds: each progress report and each item
   * starts this clock again. Default 0.
   */
  readonly idleTimeoutMs?: number | undefined;
}

export interface CallOptions extends CallClocks {
  /** Gives the call up: it rejects with `CallCancelledError`, and the Python code is stopped. */
  readonly signal?: AbortSignalLike | undefined;
  /** Receives what the method passes to `ctx.progress()`. */
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /**
   * Which of the calls that wait goes first: an integer, the higher the sooner; those of one priority
   * go in the order they were made. Default: the method's, else 0.
   */
  readonly priority?: number | undefined;
  /**
   * Whether it does no harm to run it twice: then it is made once more, up to the `retries` of the
   * client, when its worker dies. Default: the method's, in `methods` or `@app.method(idempotent=True)`.
   */
  readonly idempotent?: boolean | undefined;
  /**
   * Whether its arguments are encoded in slices, so that no turn of the event loop is long for their size. Nothing in
   * them may change until the call was sent, which has happened at the latest when it is answered: what changes before
   * arrives in part, or the call rejects with `EncodeError`. Costs a turn; other calls go ahead meanwhile.
   * Default false.
   */
  readonly sliced?: boolean | undefined;
  /** The W3C `traceparent` that Python sees as `ctx.traceparent`. Default: that of the client's `trace`. */
  readonly traceparent?: string | undefined;
  /** The W3C `tracestate` that goes with it. */
  readonly tracestate?: string | undefined;
}

/** Every option there is; the type makes the compiler miss one that is missing here. */
export const CALL_OPTIONS: Readonly<Record<keyof CallOptions, true>> = {
  timeoutMs: true,
  queueTimeoutMs: true,
  totalTimeoutMs: true,
  idleTimeoutMs: true,
  signal: true,
  onProgress: true,
  priority: true,
  idempotent: true,
  sliced: true,
  traceparent: true,
  tracestate: true,
};

export interface CloseOptions {
  /** How long calls may take to finish, in milliseconds. Default: the client's `closeTimeoutMs`. */
  readonly drainMs?: number | undefined;
}

export interface Client extends AsyncDisposable {
  /**
   * Calls a Python method and resolves to what it returns.
   *
   * @param args positional arguments
   * @param kwargs keyword arguments
   * @throws {PythonError} what the method raised
   * @throws {WorkerExitedError} the worker died while it had the call
   * @throws {CallTimeoutError} one of its clocks ran out
   * @throws {CallCancelledError} `signal` was aborted
   * @throws {QueueFullError} more than `maxQueue` calls wait
   * @throws {CircuitOpenError} workers kept dying, and none is started for a while
   */
  call<T = unknown>(
    name: string,
    args?: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<T>;

  /**
   * Iterates over what a Python generator yields. The call is made when iteration starts; leaving
   * the loop, or reading slowly, stops Python within a bounded number of items.
   */
  stream<T = unknown>(
    name: string,
    args?: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): SynapseStream<T>;

  /** The worker processes and what they are doing. */
  readonly workers: readonly WorkerStatus[];
  /** Calls that wait for a worker. */
  readonly queued: number;
  /** Whether calls wait for room: whoever makes many had better wait for the event `drain`. */
  readonly needsDrain: boolean;

  /**
   * Has `listener` told of each `event` from now on. What it throws is an uncaught exception.
   *
   * @returns what takes it back
   */
  on<Name extends ClientEventName>(event: Name, listener: ClientListener<Name>): () => void;

  /** What has happened so far, in numbers; cheap enough to be asked for every second. */
  stats(): ClientStats;
  /** The same as text that Prometheus reads (exposition format 0.0.4). */
  metrics(): string;

  /** Takes no new calls, finishes those made, and ends the workers. Safe to call again. */
  close(options?: CloseOptions): Promise<void>;
  /** Ends the workers at once; every open call rejects with `ClosedError`. */
  terminate(): Promise<void>;
}

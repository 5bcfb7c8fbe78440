/** The face of a connected module, without a word about how its workers are run. */
import type { SynapseStream } from './stream.js';

/** The part of the platform's `AbortSignal` that is used here. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface CallOptions {
  /**
   * How long the Python code may run, in milliseconds, counted from when a worker can start on it.
   * For a stream: how long each item may take. Then it is stopped, and the call rejects with
   * `CallTimeoutError`. Default: the client's `timeoutMs`; 0 means no limit.
   */
  readonly timeoutMs?: number | undefined;
  /** Gives the call up: it rejects with `CallCancelledError`, and the Python code is stopped. */
  readonly signal?: AbortSignalLike | undefined;
  /** Receives what the method passes to `ctx.progress()`. */
  readonly onProgress?: ((value: unknown) => void) | undefined;
}

export type WorkerState = 'starting' | 'ready' | 'draining' | 'stopping' | 'exited';

/** One worker process as it is now. */
export interface WorkerStatus {
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** Calls and streams it has and has not ended. */
  readonly inFlight: number;
}

export interface Client extends AsyncDisposable {
  /**
   * Calls a Python method and resolves to what it returns.
   *
   * @param args positional arguments
   * @param kwargs keyword arguments
   * @throws {PythonError} what the method raised
   * @throws {WorkerExitedError} the worker died while it had the call
   * @throws {CallTimeoutError} it ran longer than `timeoutMs`
   * @throws {CallCancelledError} `signal` was aborted
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

  /** Takes no new calls, finishes those made, and ends the workers. Safe to call again. */
  close(): Promise<void>;
  /** Ends the workers at once; every open call rejects with `ClosedError`. */
  terminate(): Promise<void>;
}

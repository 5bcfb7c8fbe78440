/** A spawned module behind the drop-in class: one worker, raw or native, that takes inputs. */
import type { CallOptions } from '../../core/client/client.js';
import { SynapseError } from '../../core/protocol/errors.js';
import { CallPolicies, checkCallOptions } from '../connect/call-options.js';
import type { ModuleDescription } from '../connect/module.js';
import type { Timings } from '../connect/options.js';
import { PoolClient } from '../connect/pool-client.js';
import { poolPolicyOf } from '../connect/pool-options.js';
import { CallTracer } from '../observe/call-tracer.js';
import type { PoolObserver } from '../observe/observer.js';
import { PoolRecorder } from '../observe/pool-recorder.js';
import { RawTask } from '../supervisor/call/raw-task.js';
import type { Connection, Dialect } from '../supervisor/connection/connection.js';
import type { LogRecord } from '../supervisor/connection/log-record.js';
import { type NativeConnection, nativeDialect } from '../supervisor/connection/native-dialect.js';
import { type RawConnection, rawDialect } from '../supervisor/connection/raw-dialect.js';
import { openPool } from '../supervisor/open-pool.js';
import type { Pool } from '../supervisor/pool/pool.js';
import type { ChannelChoice, SpawnSpec } from '../supervisor/process/spawn-spec.js';

export interface Instance {
  start(): Promise<void>;
  send(input: unknown, options: CallOptions): Promise<unknown>;
  /** Rejects what is pending; end of file, SIGTERM, SIGKILL within `graceMs`. */
  dispose(graceMs: number): Promise<void>;
}

export interface InstanceOptions {
  readonly spawn: SpawnSpec;
  readonly module: ModuleDescription;
  readonly timings: Timings;
  readonly channel: ChannelChoice;
  readonly onLog: (record: LogRecord) => void;
}

export function createInstance(options: InstanceOptions): Instance {
  return options.module.dialect === 'raw' ? new RawInstance(options) : new NativeInstance(options);
}

function poolOf<C extends Connection>(
  options: InstanceOptions,
  dialect: Dialect<C>,
  observer?: PoolObserver,
): Pool<C> {
  const { spawn, module, timings, channel, onLog } = options;
  return openPool(spawn, {
    worker: {
      ...{ dialect, channel, onLog },
      name: module.name,
      startTimeoutMs: timings.startTimeoutMs,
      graceMs: timings.graceMs,
    },
    policy: poolPolicyOf({}),
    observer,
    maxQueue: timings.maxQueue,
    // A script may end after each answer, by design: the next call starts it again.
    eager: false,
  });
}

/** Raw scripts have no methods that anything could be said of. */
const RAW_POLICIES = new CallPolicies({});

class RawInstance implements Instance {
  readonly #pool: Pool<RawConnection>;

  constructor(options: InstanceOptions) {
    this.#pool = poolOf(options, rawDialect);
  }

  start(): Promise<void> {
    return this.#pool.start();
  }

  send(input: unknown, options: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      checkCallOptions(options);
      const policy = RAW_POLICIES.of('call', options);
      this.#pool.submit(new RawTask(input, policy, options, resolve, reject));
    });
  }

  dispose(graceMs: number): Promise<void> {
    return this.#pool.terminate(graceMs);
  }
}

class NativeInstance implements Instance {
  readonly #pool: Pool<NativeConnection>;
  readonly #client: PoolClient;

  constructor(options: InstanceOptions) {
    const { timings, module } = options;
    const recorder = new PoolRecorder(module.name);
    const tracer = new CallTracer(module.name, recorder, undefined);
    const calls = new CallPolicies({});
    this.#pool = poolOf(options, nativeDialect, recorder);
    this.#client = new PoolClient(this.#pool, { timings, recorder, calls, tracer });
  }

  start(): Promise<void> {
    return this.#pool.start();
  }

  async send(input: unknown, options: CallOptions): Promise<unknown> {
    const { method, args, kwargs } = asCall(input);
    return this.#client.call(method, args, kwargs, options);
  }

  dispose(graceMs: number): Promise<void> {
    return this.#pool.terminate(graceMs);
  }
}

interface MethodInput {
  readonly method: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/** A native module has methods, so an input must name one. */
function asCall(input: unknown): MethodInput {
  const call = input as Partial<MethodInput> | null | undefined;
  if (typeof call === 'object' && typeof call?.method === 'string') return call as MethodInput;
  throw new SynapseError(
    'INVALID_ARGUMENTS',
    'This module is native: an input must be { method, args?, kwargs? }, as in ' +
      'call({ method: "add", args: [1, 2] }). Better still, use connect() and client.call("add", [1, 2]).',
  );
}

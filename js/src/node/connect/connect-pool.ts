/**
 * From a folder of Python to a client of its running workers. Only the package itself imports this:
 * the types here lead to processes and sockets, and so to `@types/node`, which users may not have.
 */
import { CallCancelledError } from '../../core/errors.js';
import { SynapseError } from '../../core/protocol/errors.js';
import { CallTracer } from '../observe/call-tracer.js';
import { PoolRecorder } from '../observe/pool-recorder.js';
import { nativeDialect } from '../supervisor/connection/native-dialect.js';
import { openPool } from '../supervisor/open-pool.js';
import { closeOnSignals } from '../supervisor/process/host-signals.js';
import type { SpawnSpec } from '../supervisor/process/spawn-spec.js';
import { CallPolicies, checkMethodsExist } from './call-options.js';
import { isDeveloped } from './development.js';
import { prepareLaunch } from './launch.js';
import { logToStderr } from './log-output.js';
import { describeModule, type ModuleDescription } from './module.js';
import { withSettings } from './module-settings.js';
import { type ConnectOptions, timingsOf } from './options.js';
import { PoolClient } from './pool-client.js';
import { poolPolicyOf } from './pool-options.js';
import { reloadOnEdit, wantsWatch } from './reload.js';
import { ModuleWatcher } from './watch.js';

const NO_METHODS: ReadonlyMap<string, unknown> = new Map();

/**
 * Connects with options that have been checked.
 *
 * @param typed whether a generated client asks every worker what its module is
 */
export async function connectPool(
  directory: string,
  options: ConnectOptions,
  typed = false,
): Promise<PoolClient> {
  const { signal } = options;
  timingsOf(options);
  checkAborted(signal, directory);
  const prepared = await prepare(directory, options, typed).catch((error: unknown) => {
    checkAborted(signal, directory);
    throw error;
  });
  const { module, spawn } = prepared;
  if (!wantsWatch(options.watch)) return startClient(spawn, module, prepared.options);
  // What changes from now on may be too late for the workers that are about to start.
  const watcher = await ModuleWatcher.open(module.directory);
  const client = await startClient(spawn, module, prepared.options, () => watcher.close());
  reloadOnEdit(watcher, {
    onLog: options.onLog ?? logToStderr(module.name),
    developed: isDeveloped(module.directory),
    reload: (fresh) => client.reload(fresh),
    async prepare(ended) {
      const { spawn: fresh } = await prepare(directory, { ...options, signal: ended }, typed);
      // Only the module has changed: where and in what its workers run was settled at connect.
      return { ...fresh, cwd: spawn.cwd, env: spawn.env };
    },
  });
  return client;
}

interface Prepared {
  readonly module: ModuleDescription;
  readonly spawn: SpawnSpec;
  /** What was asked for, and else what stands with the module. */
  readonly options: ConnectOptions;
}

/** Finds out what is to be run and makes its environment ready. */
async function prepare(
  directory: string,
  given: ConnectOptions,
  typed: boolean,
): Promise<Prepared> {
  const module = describeModule(directory, given);
  if (module.dialect === 'raw') throw rawModule(module);
  const options = withSettings(given, module.settings);
  return { module, options, spawn: await prepareLaunch(module, { ...options, typed }) };
}

/**
 * Starts the workers of a module whose environment is ready.
 *
 * @param onClosing told when the client takes no more calls
 */
export async function startClient(
  spawn: SpawnSpec,
  { name }: Pick<ModuleDescription, 'name'>,
  options: ConnectOptions = {},
  onClosing?: () => void,
): Promise<PoolClient> {
  const { signal } = options;
  const timings = timingsOf(options);
  const policy = poolPolicyOf(options);
  const recorder = new PoolRecorder(name);
  checkAborted(signal, name);
  const pool = openPool(spawn, {
    worker: {
      name,
      dialect: nativeDialect,
      channel: options.channel ?? 'auto',
      startTimeoutMs: timings.startTimeoutMs,
      graceMs: timings.graceMs,
      onLog: options.onLog ?? logToStderr(name),
      checkOffer: ({ methods = NO_METHODS }) => checkMethodsExist(name, options.methods, methods),
    },
    policy,
    observer: recorder,
    maxQueue: timings.maxQueue,
    eager: true,
  });
  const stop = (): void => void pool.terminate();
  signal?.addEventListener('abort', stop);
  try {
    await pool.start();
  } catch (error) {
    await pool.terminate();
    checkAborted(signal, name);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  let ignoreSignals: (() => void) | undefined;
  const client = new PoolClient(pool, {
    ...{ timings, recorder, onClosing },
    calls: new CallPolicies(options),
    tracer: new CallTracer(name, recorder, options.trace),
    onClosed: () => ignoreSignals?.(),
  });
  if (options.handleSignals === true) ignoreSignals = closeOnSignals(client);
  return client;
}

function checkAborted(signal: AbortSignal | undefined, name: string): void {
  if (signal?.aborted) throw new CallCancelledError(`Connecting to "${name}"`, signal.reason);
}

function rawModule({ entrypoint, name }: ModuleDescription): SynapseError {
  return new SynapseError(
    'INVALID_CONFIG',
    `"${name}" is a raw module: its ${entrypoint} does not import synapse_worker. Use the Synapse class for it ` +
      `(new Synapse().spawn(directory, "${entrypoint}")), or make it native: ` +
      '`from synapse_worker import Module`. If it imports it indirectly, pass { dialect: "native" }.',
  );
}

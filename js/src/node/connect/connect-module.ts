/** `connect()` of generated files: finds the module's folder, starts its workers, checks that they fit. */
import type { ModuleClass, ModuleClient } from '../../core/client/module-client.js';
import { connectPool } from './connect-pool.js';
import { isDeveloped } from './development.js';
import { logToStderr } from './log-output.js';
import { findModuleFolder, pathOfFile } from './module-folder.js';
import { invalid } from './option-checks.js';
import { type ConnectOptions, checkConnectOptions } from './options.js';
import { guardStaleness, type StalePolicy } from './staleness.js';

export interface ModuleConnectOptions extends ConnectOptions {
  /** The module's folder. Default: it is looked for as the generated file tells. */
  readonly dir?: string | undefined;
  /**
   * What to do when the Python has changed since the client was generated: reject with
   * `StaleClientError` (the default), say so through `onLog`, or nothing.
   */
  readonly stale?: StalePolicy | undefined;
}

const POLICIES: readonly StalePolicy[] = ['error', 'warn', 'ignore'];

/**
 * Starts the workers of a generated client's module and resolves to the client.
 *
 * @param file where the generated file is: `import.meta.url`, or `__filename` in CommonJS
 * @throws {StaleClientError} the Python has changed since the client was generated
 * @throws {SynapseError} `INVALID_CONFIG`: the module's folder was not found
 * @throws {EnvironmentError} no environment could be built
 * @throws {ModuleStartError} the module could not be imported
 */
export async function connectModule<C extends ModuleClient>(
  type: ModuleClass<C>,
  options: ModuleConnectOptions,
  file: string | undefined,
): Promise<C> {
  checkConnectOptions('connect()', options, ['dir', 'stale']);
  const { dir, stale = 'error', ...connectOptions } = options;
  if (!POLICIES.includes(stale)) {
    throw invalid(`stale must be one of ${POLICIES.join(', ')}, not ${String(stale)}.`);
  }
  const spec = type.$spec;
  const folder = findModuleFolder(spec, {
    dir,
    entrypoint: options.entrypoint,
    file: pathOfFile(file),
    environment: process.env,
    workingDirectory: process.cwd(),
    mainScript: process.argv[1],
  });
  const client = await connectPool(folder, connectOptions, stale !== 'ignore');
  try {
    const log = options.onLog ?? logToStderr(spec.module);
    const warn = (message: string): void =>
      log({ source: 'runtime', level: 'WARNING', message, pid: undefined });
    await guardStaleness(client, { ...spec, developed: isDeveloped(folder) }, stale, warn);
  } catch (error) {
    await client.terminate();
    throw error;
  }
  return new type(client);
}

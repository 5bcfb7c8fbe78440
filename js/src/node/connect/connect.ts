/** `connect()`: from a folder of Python to a client of its running workers. */
import type { Client } from '../../core/client/client.js';
import { connectPool } from './connect-pool.js';
import { type ConnectOptions, checkConnectOptions } from './options.js';

/**
 * Makes the module's Python environment ready, starts its workers, and resolves to a client once
 * all of them take calls.
 *
 * @param directory the folder that holds the module
 * @throws {EnvironmentError} no environment could be built
 * @throws {ModuleStartError} the module could not be imported
 * @throws {CallCancelledError} `options.signal` was aborted
 */
export async function connect(directory: string, options: ConnectOptions = {}): Promise<Client> {
  checkConnectOptions('connect()', options);
  return connectPool(directory, options);
}

/** Real workers from the sources, without building environments: those have tests of their own. */
import { resolve } from 'node:path';
import { afterEach } from '@jest/globals';
import type { Client } from '../../../src/core/client/client.js';
import { startClient } from '../../../src/node/connect/connect-pool.js';
import { spawnSpec } from '../../../src/node/connect/launch.js';
import type { ConnectOptions } from '../../../src/node/connect/options.js';
import type { PoolClient } from '../../../src/node/connect/pool-client.js';
import type { SpawnSpec } from '../../../src/node/supervisor/process/spawn-spec.js';
import { LAUNCH, PYTHON } from './python.js';

export { LAUNCH, PYTHON };

export const MODULES = resolve(__dirname, '../modules');

export function specOf(
  name: 'native' | 'raw' | 'broken',
  options: Pick<ConnectOptions, 'channel' | 'entrypoint' | 'env'> = {},
): SpawnSpec {
  const module = {
    name,
    directory: resolve(MODULES, name),
    entrypoint: options.entrypoint ?? 'main.py',
    dialect: name === 'raw' ? ('raw' as const) : ('native' as const),
  };
  return spawnSpec({ python: PYTHON, script: LAUNCH }, module, options);
}

const open = new Set<Client>();

/** A client of `modules/native`; what a test leaves open is ended after it. */
export async function nativeClient(options: ConnectOptions = {}): Promise<PoolClient> {
  const module = { name: options.name ?? 'native' };
  const client = await startClient(specOf('native', options), module, {
    onLog: () => undefined,
    ...options,
  });
  open.add(client);
  return client;
}

afterEach(async () => {
  const ended = [...open].map((client) => client.terminate());
  open.clear();
  await Promise.all(ended);
});

// Synapse, native dialect: `connect()` and synchronous Python methods without annotations, as the README shows it.
import { moduleFolder, synapse } from '../paths.mjs';
import { operationsWithBytes } from './parts/operations.mjs';

export const title = 'Synapse, native';
export const about = '`client.call()` on `@app.method` functions without annotations';
export const module = 'native';
export const load = synapse;

/** A client of the native module with these options, as every contender shows what it can do. */
export async function connectNative(options, module = 'native') {
  const { connect } = await synapse();
  const client = await connect(moduleFolder(module), options);
  return {
    ...operationsWithBytes((operation, value) => client.call(operation, [value])),
    client,
    produce: (count) => client.stream('produce', [count]),
    consume: (items) => client.call('consume', [items]),
    close: () => client.close(),
  };
}

export const open = ({ workers = 1, options }) => connectNative({ workers, ...options });

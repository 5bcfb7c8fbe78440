// Synapse, native dialect: `connect()` and synchronous Python methods without annotations, as the README shows it.
import { moduleFolder, synapse } from '../paths.mjs';

export const title = 'Synapse, native';
export const about = '`client.call()` on `@app.method` functions without annotations';
export const module = 'native';

/** A client of the native module with these options, as every contender shows what it can do. */
export async function connectNative(options, module = 'native') {
  const { connect } = await synapse();
  const client = await connect(moduleFolder(module), options);
  return {
    client,
    call: (value) => client.call('echo', [value]),
    produce: (count) => client.stream('produce', [count]),
    sendRecords: (records) => client.call('send_records', [records]),
    fetchRecords: (count) => client.call('fetch_records', [count]),
    sendBytes: (bytes) => client.call('send_bytes', [bytes]),
    fetchBytes: (size) => client.call('fetch_bytes', [size]),
    echoBytes: (bytes) => client.call('echo', [bytes]),
    spin: (rounds) => client.call('spin', [rounds]),
    close: () => client.close(),
  };
}

export const open = ({ workers = 1, options }) => connectNative({ workers, ...options });

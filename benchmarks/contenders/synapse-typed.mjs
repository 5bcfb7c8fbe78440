// Synapse with a generated client: arguments are validated and converted in Python, results as their types say.
import { generatedClient, moduleFolder } from '../paths.mjs';

export const title = 'Synapse, typed';
export const about =
  'the generated client on annotated functions: validated and converted both ways';
export const module = 'typed';
export const load = () => import(generatedClient('typed'));

export async function open({ workers = 1, options }) {
  const { connect } = await load();
  const client = await connect({ dir: moduleFolder('typed'), workers, ...options });
  return {
    client,
    call: (value) => client.echo(value),
    produce: (count) => client.produce(count),
    consume: (items) => client.consume(items),
    sendRecords: (records) => client.send_records(records),
    fetchRecords: (count) => client.fetch_records(count),
    sendBytes: (bytes) => client.send_bytes(bytes),
    fetchBytes: (size) => client.fetch_bytes(size),
    echoBytes: (bytes) => client.echo_bytes(bytes),
    spin: (rounds) => client.spin(rounds),
    close: () => client.close(),
  };
}

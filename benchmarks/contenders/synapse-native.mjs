// Synapse, native dialect: `connect()` and a synchronous Python method, as the README shows it.
import { nativeModule, synapse } from '../paths.mjs';

export const name = 'Synapse, native';
export const about = 'client.call() on a @app.method function';

export async function open() {
  const { connect } = await synapse();
  const client = await connect(nativeModule());

  return {
    call: (payload) => client.call('echo', [payload]),
    close: () => client.close(),
  };
}

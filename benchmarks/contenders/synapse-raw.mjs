// Synapse, raw dialect: the drop-in class around the very script that the hq-synapse row runs.
import { moduleFolder, synapse } from '../paths.mjs';

export const title = 'Synapse, raw';
export const about = '`Synapse#call()` on an unmodified length-prefixed script';
export const module = 'raw';

export async function open() {
  const { Synapse } = await synapse();
  const manager = new Synapse();
  await manager.spawn(moduleFolder('raw'), 'main');

  return {
    call: (value) => manager.call(value),
    sendRecords: (records) => manager.call(['send_records', records]),
    fetchRecords: (count) => manager.call(['fetch_records', count]),
    sendBytes: (bytes) => manager.call(['send_bytes', bytes]),
    fetchBytes: (size) => manager.call(['fetch_bytes', size]),
    echoBytes: (bytes) => manager.call(bytes),
    close: () => manager.dispose(),
  };
}

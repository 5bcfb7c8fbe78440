// Synapse, raw dialect: the drop-in class around the very script that the hq-synapse row runs.
import { rawModule, synapse } from '../paths.mjs';

export const name = 'Synapse, raw';
export const about = 'Synapse#call() on an unmodified length-prefixed script';

export async function open() {
  const { Synapse } = await synapse();
  const manager = new Synapse();
  await manager.spawn(rawModule(), 'main');

  return {
    call: (payload) => manager.call(payload),
    close: () => manager.dispose(),
  };
}

// Synapse, raw dialect: the drop-in class around the very script that the hq-synapse row runs.
import { moduleFolder, synapse } from '../paths.mjs';
import { askingRaw, operationsWithBytes } from './parts/operations.mjs';

export const title = 'Synapse, raw';
export const about = '`Synapse#call()` on an unmodified length-prefixed script, one call at a time';
export const module = 'raw';
export const load = synapse;

export async function open() {
  const { Synapse } = await synapse();
  const manager = new Synapse();
  await manager.spawn(moduleFolder('raw'), 'main');
  return {
    ...operationsWithBytes(askingRaw((value) => manager.call(value))),
    close: () => manager.dispose(),
  };
}

// Synapse with one worker, while another client of the same process has many that do nothing.
import { connectNative } from './synapse-native.mjs';

export const title = 'Synapse beside idle workers';
export const about = 'a client of one worker beside another client whose workers are idle';
export const module = 'native';

/** @param options `idle`: how many workers do nothing */
export async function open({ options: { idle } }) {
  const others = await connectNative({ workers: idle });
  const contender = await connectNative({ workers: 1 });
  return {
    ...contender,
    close: async () => {
      await contender.close();
      await others.close();
    },
  };
}

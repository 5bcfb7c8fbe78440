// Synapse as in `synapse-native`, but the records that go up are encoded in slices.
import { synapse } from '../paths.mjs';
import { connectNative } from './synapse-native.mjs';

export const title = 'Synapse, sliced';
export const about = 'the same with `{ sliced: true }` where records go up';
export const module = 'native';
export const load = synapse;

export async function open({ workers = 1, options }) {
  const contender = await connectNative({ workers, ...options });
  const { client } = contender;
  return {
    ...contender,
    sendRecords: (records) => client.call('send_records', [records], {}, { sliced: true }),
  };
}

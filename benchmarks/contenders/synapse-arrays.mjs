// Synapse with numpy: typed arrays go up, arrays come down, Python has a view of what came.
import { synapse } from '../paths.mjs';
import { connectNative } from './synapse-native.mjs';

export const title = 'Synapse, numpy';
export const about = 'a `Uint8Array` as an `NdArray`, a numpy array in Python';
export const module = 'arrays';
export const load = synapse;

export async function open({ workers = 1, options }) {
  const { NdArray } = await synapse();
  const contender = await connectNative({ workers, ...options }, 'arrays');
  const arrayOf = (bytes) => new NdArray(bytes, [bytes.length]);
  return {
    ...contender,
    sendBytes: (bytes) => contender.sendBytes(arrayOf(bytes)),
    fetchBytes: async (size) => (await contender.fetchBytes(size)).data,
    echoBytes: async (bytes) => (await contender.echoBytes(arrayOf(bytes))).data,
  };
}

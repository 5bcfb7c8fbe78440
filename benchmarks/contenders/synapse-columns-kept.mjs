// Synapse where Python works on columns, as code with numpy or Arrow does: only this end has rows, and makes them columns.
import { synapse } from '../paths.mjs';
import { connectNative } from './synapse-native.mjs';

export const title = 'Synapse, columns kept';
export const about =
  'records as columns, by `toColumns()` and `toRows()` in Node; in Python they stay columns';
export const module = 'native';
export const load = synapse;

export async function open({ workers = 1, options }) {
  const { toColumns, toRows } = await synapse();
  const contender = await connectNative({ workers, ...options });
  const { client } = contender;
  return {
    ...contender,
    sendRecords: (records) => client.call('keep_columns', [toColumns(records)]),
    fetchRecords: async (count) => toRows(await client.call('kept_columns', [count])),
  };
}

// Synapse where the caller sends columns instead of rows: the rows are made columns, and columns rows, within the measured time.
import { synapse } from '../paths.mjs';
import { connectNative } from './synapse-native.mjs';

export const title = 'Synapse, columns';
export const about =
  'records as columns, by `toColumns()` and `to_columns()`, rows again at either end';
export const module = 'native';
export const load = synapse;

export const open = openWithColumns('send_columns', 'fetch_columns');

/** Opens a contender whose records travel as columns, by these two methods of the module. */
export function openWithColumns(send, fetch) {
  return async ({ workers = 1, options }) => {
    const { toColumns, toRows } = await synapse();
    const contender = await connectNative({ workers, ...options });
    const { client } = contender;
    return {
      ...contender,
      sendRecords: (records) => client.call(send, [toColumns(records)]),
      fetchRecords: async (count) => toRows(await client.call(fetch, [count])),
    };
  };
}

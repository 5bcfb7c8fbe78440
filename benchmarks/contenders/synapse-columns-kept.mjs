// Synapse where Python works on columns, as code with numpy or Arrow does: only this end has rows, and makes them columns.
import { synapse } from '../paths.mjs';
import { openWithColumns } from './synapse-columns.mjs';

export const title = 'Synapse, columns kept';
export const about =
  'records as columns, by `toColumns()` and `toRows()` in Node; in Python they stay columns';
export const module = 'native';
export const load = synapse;

export const open = openWithColumns('keep_columns', 'kept_columns');

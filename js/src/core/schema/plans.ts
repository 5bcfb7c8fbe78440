// All the plans there are, under the names that generated files know them by: `plan.array(plan.integer)`. Each
// stands by itself, so that a bundle holds those that its clients name and no others.

export { callback } from './callbacks.js';
export { custom } from './custom.js';
export { map, record } from './mappings.js';
export { ndarray } from './ndarrays.js';
export { object, optional, renamed } from './objects.js';
export { lazy } from './recursion.js';
export {
  any,
  bigint,
  boolean,
  bytes,
  complex,
  integer,
  literal,
  none,
  number,
  string,
} from './scalars.js';
export { array, openTuple, set, tuple } from './sequences.js';
export { service } from './services.js';
export { stream } from './streams.js';
export { date, nanoseconds } from './times.js';
export { nullable, tagged, union } from './unions.js';

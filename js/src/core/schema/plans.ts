// All the plans there are, under the name that generated files know them by.

import { callback } from './callbacks.js';
import { custom } from './custom.js';
import { map, record } from './mappings.js';
import { ndarray } from './ndarrays.js';
import { object, optional, renamed } from './objects.js';
import { lazy } from './recursion.js';
import {
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
import { array, set, tuple } from './sequences.js';
import { service } from './services.js';
import { date, nanoseconds } from './times.js';
import { nullable, tagged, union } from './unions.js';

/**
 * Makes plans: how the values of a type are read from what travels, and written to it. Generated clients use it;
 * by hand it serves to test a codec.
 */
export const plan = {
  ...{ any, none, boolean, string, number, integer, bigint, complex, bytes, literal },
  ...{ date, nanoseconds },
  ...{ array, set, tuple, record, map, object, optional, renamed },
  ...{ nullable, union, tagged, lazy },
  ...{ ndarray, custom, callback, service },
} as const;

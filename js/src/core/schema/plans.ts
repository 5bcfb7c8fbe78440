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
import { array, openTuple, set, tuple } from './sequences.js';
import { service } from './services.js';
import { stream } from './streams.js';
import { date, nanoseconds } from './times.js';
import { nullable, tagged, union } from './unions.js';

/** The kinds of plans. Spelled out, for the compiler would print types that older ones do not know. */
export interface Plans {
  readonly any: typeof any;
  readonly none: typeof none;
  readonly boolean: typeof boolean;
  readonly string: typeof string;
  readonly number: typeof number;
  readonly integer: typeof integer;
  readonly bigint: typeof bigint;
  readonly complex: typeof complex;
  readonly bytes: typeof bytes;
  readonly literal: typeof literal;
  readonly date: typeof date;
  readonly nanoseconds: typeof nanoseconds;
  readonly array: typeof array;
  readonly set: typeof set;
  readonly tuple: typeof tuple;
  readonly openTuple: typeof openTuple;
  readonly record: typeof record;
  readonly map: typeof map;
  readonly object: typeof object;
  readonly optional: typeof optional;
  readonly renamed: typeof renamed;
  readonly nullable: typeof nullable;
  readonly union: typeof union;
  readonly tagged: typeof tagged;
  readonly lazy: typeof lazy;
  readonly ndarray: typeof ndarray;
  readonly custom: typeof custom;
  readonly callback: typeof callback;
  readonly stream: typeof stream;
  readonly service: typeof service;
}

/**
 * Makes plans: how the values of a type are read from what travels, and written to it. Generated clients use it;
 * by hand it serves to test a codec.
 */
export const plan: Plans = {
  ...{ any, none, boolean, string, number, integer, bigint, complex, bytes, literal },
  ...{ date, nanoseconds },
  ...{ array, set, tuple, openTuple, record, map, object, optional, renamed },
  ...{ nullable, union, tagged, lazy },
  ...{ ndarray, custom, callback, stream, service },
};

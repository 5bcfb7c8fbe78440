// What a plan is: how one type of a schema is read from what travels, and written to it. Generated clients
// carry a plan for the types that need one; everything else passes as the codec has it.
//
// Decoding rewrites what it is given: the arrays and objects came fresh off the wire and nobody else has them.
// Encoding never touches the caller's value: it copies what it must change, and returns the rest as it is.
// Encoding checks no types either; a value that a plan does not recognise goes as it is, and Python's
// validation says what is wrong with it.

import { type DecodeContext, Place } from './place.js';

/** How far a union may look into a value to find out which of its options it is. */
export interface Look {
  /** Parts that may still be looked at; where it ends, what is left counts as fitting. */
  left: number;
  /** Whether objects must have no other fields than those named. */
  readonly exact: boolean;
  /** Whether the value is the caller's, to be encoded, and not one that came off the wire. */
  readonly ours: boolean;
}

/** What a family of plans says of one. */
export interface Rules<T> {
  /** The type in Python's words, for messages. */
  expected(): string;
  /** Returns the value of what came. @throws ResultError when it is of another type */
  read(value: unknown, place: Place): T;
  /** Returns what travels for a value; absent where that is the value itself. */
  write?(value: T, place: Place): unknown;
  /** Whether a value looks as if it were of this type. */
  fits(value: unknown, look: Look): boolean;
  /** The plans of the parts that a value may have. */
  parts?(): readonly Plan[];
  /** Whether the values are instances of a service. */
  readonly isInstance?: boolean;
}

/** Reads and writes the values of one type. `T` is what callers have of it. */
export interface Plan<T = unknown> extends Rules<T> {
  /**
   * Returns the value of what came; may change it in place. `path` begins the path of an error.
   *
   * @throws ResultError when it is of another type
   * @throws IntegerRangeError when an integer is none that a number holds
   */
  decode(value: unknown, path?: string, context?: DecodeContext): T;
  /**
   * Returns what travels for a value, which is left as it is.
   *
   * @throws EncodeError when a codec of the user's fails, or the value contains itself
   */
  encode(value: T, path?: string, context?: DecodeContext): unknown;
}

/** The type of the values of a plan. */
export type ValueOf<P> = P extends Plan<infer T> ? T : never;

/** Returns the plan of some rules. */
export function define<T>(rules: Rules<T>): Plan<T> {
  return {
    ...rules,
    decode: (value, path = '$', context) => rules.read(value, new Place(path, context)),
    encode: (value, path = '$', context) => write(rules, value, new Place(path, context)),
  };
}

/** Returns what travels for a value by some rules. */
export function write<T>(rules: Rules<T>, value: T, place: Place): unknown {
  return rules.write === undefined ? value : rules.write(value, place);
}

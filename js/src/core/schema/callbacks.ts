// Plans of functions that Python may call while the call they were given to runs.

import { requireSafeIntegers } from '../protocol/codec/integer-range.js';
import { mismatch } from './mismatches.js';
import { type DecodeContext, Place } from './place.js';
import { define, type Plan, write } from './plan.js';
import { any } from './scalars.js';

export interface CallbackOptions {
  /** The types of its arguments, in order; absent where they come as they are. */
  readonly args?: readonly Plan[];
  /** The type of what it returns; absent where that goes as it is. */
  readonly result?: Plan;
  /** Whether integers beyond ±(2^53 − 1) may come in its arguments, as bigints. */
  readonly wide?: boolean;
}

/** A function; it is written as one that takes what came off the wire and returns what goes there. */
export function callback<F = (...args: never[]) => unknown>(
  options: CallbackOptions = {},
): Plan<F> {
  const { args = [], result = any, wide = false } = options;
  return define<F>({
    expected: () => 'a function',
    read: (value, place) => {
      throw mismatch(place, 'what travels from Python (functions do not)', value);
    },
    write: (value: unknown, { path, context }) => {
      if (typeof value !== 'function') return value;
      return (...wire: unknown[]): unknown => {
        const received = wire.map((item, index) => {
          if (!wide) requireSafeIntegers(item, `$[${index}]`);
          return (args[index] ?? any).read(item, argumentPlace(path, index, context));
        });
        const returned: unknown = value(...received);
        const place = new Place('$', context);
        return isThenable(returned)
          ? returned.then((settled) => write(result, settled, place))
          : write(result, returned, place);
      };
    },
    fits: (value) => typeof value === 'function',
  });
}

function argumentPlace(path: string, index: number, context: DecodeContext | undefined): Place {
  return new Place('$', context, `argument ${index + 1} of the callback ${path}`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

// Plans of streams: what Python reads item by item while the call runs.

import { isIterable } from '../protocol/codec/streamable.js';
import { mismatch } from './mismatches.js';
import { type DecodeContext, Place } from './place.js';
import { define, type Plan, write } from './plan.js';
import { any } from './scalars.js';
import { array } from './sequences.js';

/** Items that come one after another, or are all there. */
export type StreamOf<T> = AsyncIterable<T> | Iterable<T>;

/**
 * Items that Python reads. Arrays and sets have them all and travel whole; of whatever else there is
 * to iterate over the items are pulled as Python asks for them.
 */
export function stream<T = unknown>(items: Plan<T> = any as Plan<T>): Plan<StreamOf<T>> {
  const whole = array(items);
  return define<StreamOf<T>>({
    expected: () => 'a stream',
    parts: () => [items],
    read: (value, place) => {
      throw mismatch(place, 'what travels from Python (streams are what methods return)', value);
    },
    write: (value: unknown, place) => {
      if (Array.isArray(value)) return write(whole, value, place);
      if (value instanceof Set) return write(whole, [...value], place);
      return isIterable(value) ? written(value as StreamOf<T>, items, place) : value;
    },
    fits: isIterable,
  });
}

async function* written<T>(
  source: StreamOf<T>,
  items: Plan<T>,
  { path, context }: { readonly path: string; readonly context: DecodeContext | undefined },
): AsyncGenerator<unknown> {
  const place = new Place(path, context);
  const inner = place.inside();
  let index = 0;
  for await (const item of source) {
    place.key = index;
    index += 1;
    yield write(items, item, inner);
  }
}

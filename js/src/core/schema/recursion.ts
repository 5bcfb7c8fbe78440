// Plans that contain themselves, as the types of trees do.

import { EncodeError } from '../protocol/errors.js';
import * as limits from '../protocol/limits.js';
import type { Place } from './place.js';
import { define, type Plan, write } from './plan.js';

/** The plan that `resolve` returns, which is asked for only when there is a value to read or write. */
export function lazy<T>(resolve: () => Plan<T>): Plan<T> {
  let known: Plan<T> | undefined;
  let isAsked = false;
  const plan = (): Plan<T> => {
    known ??= resolve();
    return known;
  };
  return define<T>({
    expected: () => {
      if (isAsked) return '…'; // it describes itself by itself
      isAsked = true;
      try {
        return plan().expected();
      } finally {
        isAsked = false;
      }
    },
    parts: () => [plan()],
    read: (value, place) => plan().read(value, bounded(place)),
    write: (value, place) => write(plan(), value, bounded(place)),
    fits: (value, look) => plan().fits(value, look),
  });
}

/** Passes a place that is not too deep. Only here can one be: other plans end. @throws {EncodeError} */
function bounded(place: Place): Place {
  if (place.depth <= limits.maxDepth) return place;
  throw new EncodeError(
    `Cannot encode ${place.root}: more than ${limits.maxDepth} containers inside one another; is it a structure that ` +
      'contains itself?',
    { path: place.root, code: 'DEPTH_EXCEEDED' },
  );
}

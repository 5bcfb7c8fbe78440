// Plans that contain themselves, as the types of trees do.

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
    read: (value, place) => plan().read(value, place),
    write: (value, place) => write(plan(), value, place),
    fits: (value, look) => plan().fits(value, look),
  });
}

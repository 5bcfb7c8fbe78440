/** Tasks as the supervisor shows them, with times of the test's own. */
import type { ObservedTask } from '../../../src/node/observe/observer.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function taskOf(changes: Partial<ObservedTask> = {}): Writable<ObservedTask> {
  return {
    ...{
      method: 'quote',
      isStream: false,
      submittedAt: 0,
      dispatchedAt: 0,
      startedAt: 0,
      settledAt: 0,
    },
    ...{ runNs: 0, wantsTiming: false, attempts: 1, observed: undefined, ...changes },
  };
}

// Plans of service instances: they live in Python, and a number stands for each.

import { SynapseError } from '../protocol/errors.js';
import { mismatch } from './mismatches.js';
import type { ServiceClass } from './place.js';
import { define, type Plan } from './plan.js';

/** An instance of a service; `type` returns its generated class, which may stand further down in the file. */
export function service<S>(type: () => ServiceClass<S>): Plan<S> {
  return define<S>({
    expected: () => 'an instance of a service',
    isInstance: true,
    read: (value, place) => {
      if (!Number.isSafeInteger(value) || (value as number) < 0) {
        throw mismatch(place, 'an instance of a service', value);
      }
      if (place.context?.service === undefined) {
        throw new SynapseError(
          'INTERNAL',
          `No client is there to hold the service at ${place.path}.`,
        );
      }
      return place.context.service(type(), value as number) as S;
    },
    fits: (value, look) => !look.ours && Number.isSafeInteger(value),
  });
}

// Plans of a user's own types, by a codec of the user's.

import { EncodeError, SynapseError } from '../protocol/errors.js';
import { mismatch } from './mismatches.js';
import { define, type Plan, write } from './plan.js';
import { any } from './scalars.js';

/** How a type of a user's own stands for what travels; the module registers the Python half of it. */
export interface Codec<T, Wire = unknown> {
  decode(wire: Wire): T;
  encode(value: T): Wire;
  /** Whether a value is of this type; a union with other types of a user's own asks. */
  is?(value: unknown): boolean;
}

/** A user's own type, that travels as `wire` says. */
export function custom<T, Wire = unknown>(
  codec: Codec<T, Wire>,
  wire: Plan<Wire> = any as Plan<Wire>,
): Plan<T> {
  return define<T>({
    expected: wire.expected,
    parts: () => [wire],
    read: (value, place) => {
      const plain = wire.read(value, place);
      try {
        return codec.decode(plain);
      } catch (error) {
        if (SynapseError.is(error)) throw error;
        throw mismatch(place, 'what its codec decodes', value, {
          advice: `The codec failed: ${text(error)}`,
          cause: error,
        });
      }
    },
    write: (value, place) => {
      try {
        return write(wire, codec.encode(value), place);
      } catch (error) {
        if (SynapseError.is(error)) throw error;
        const { path } = place;
        throw new EncodeError(`Cannot encode ${path}: its codec failed: ${text(error)}`, {
          path,
          cause: error,
        });
      }
    },
    fits: (value, look) => (look.ours ? (codec.is?.(value) ?? true) : wire.fits(value, look)),
  });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

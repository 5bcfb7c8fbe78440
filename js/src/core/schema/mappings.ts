// Plans of dicts: a record where every key is text, else a Map.

import { setOwn } from '../protocol/own-properties.js';
import { isRecord } from '../protocol/records.js';
import { mismatch } from './mismatches.js';
import type { Place } from './place.js';
import { define, type Look, type Plan, write } from './plan.js';
import { hasFields, isObject } from './records.js';
import { any } from './scalars.js';

/** A dict with text as keys, as a plain object. */
export function record<V>(values: Plan<V>): Plan<Record<string, V>> {
  return define<Record<string, V>>({
    expected: () => 'a dict with str as keys',
    parts: () => [values],
    read: (value, place) => {
      if (!isRecord(value)) throw mismatch(place, 'a dict with str as keys', value);
      if (values !== any) {
        const inner = place.inside();
        for (const key of Object.keys(value)) {
          place.key = key;
          value[key] = values.read(value[key], inner); // an own property, `__proto__` too
        }
      }
      return value as Record<string, V>;
    },
    ...(values.write && {
      write: (value: unknown, place: Place) => {
        if (!hasFields(value)) return value;
        const inner = place.inside();
        const written: Record<string, unknown> = {};
        for (const [key, item] of Object.entries(value)) {
          place.key = key;
          setOwn(written, key, write(values, item as V, inner));
        }
        return written;
      },
    }),
    fits: (value, look) =>
      isObject(value, look.ours) && pairsFit(Object.entries(value), any, values, look),
  });
}

/** A dict with any keys, always as a Map. */
export function map<K = unknown, V = unknown>(
  keys: Plan<K> = any as Plan<K>,
  values: Plan<V> = any as Plan<V>,
): Plan<Map<K, V>> {
  return define<Map<K, V>>({
    expected: () => 'a dict',
    parts: () => [keys, values],
    read: (value, place) => {
      const pairs = pairsOf(value);
      if (pairs === undefined) throw mismatch(place, 'a dict', value);
      const read = new Map<K, V>();
      const inner = place.inside();
      for (const [key, item] of pairs) {
        place.key = key;
        read.set(keys.read(key, inner), values.read(item, inner));
      }
      return read;
    },
    ...((keys.write || values.write) && {
      write: (value: unknown, place: Place) => {
        if (!(value instanceof Map)) return value;
        const written = new Map<unknown, unknown>();
        const inner = place.inside();
        for (const [key, item] of value) {
          place.key = key;
          written.set(write(keys, key, inner), write(values, item, inner));
        }
        return written;
      },
    }),
    fits: (value, look) => {
      const pairs = look.ours && !(value instanceof Map) ? undefined : pairsOf(value);
      return pairs !== undefined && pairsFit(pairs, keys, values, look);
    },
  });
}

/** Returns the entries of a dict that came: the codec makes it a Map only where a key is no text. */
function pairsOf(value: unknown): Iterable<[unknown, unknown]> | undefined {
  if (value instanceof Map) return value;
  return isRecord(value) ? Object.entries(value) : undefined;
}

function pairsFit(
  pairs: Iterable<[unknown, unknown]>,
  keys: Plan,
  values: Plan,
  look: Look,
): boolean {
  if (keys !== any || values !== any) {
    for (const [key, item] of pairs) {
      if (look.left-- <= 0) return true;
      if (!keys.fits(key, look) || !values.fits(item, look)) return false;
    }
  }
  return true;
}

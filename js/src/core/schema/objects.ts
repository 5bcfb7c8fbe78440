// Plans of objects: dataclasses, typed dicts, structs and models. They name the fields that need a plan; other
// fields pass as they are.

import { setOwn } from '../protocol/own-properties.js';
import { isRecord } from '../protocol/records.js';
import { mismatch } from './mismatches.js';
import type { Place } from './place.js';
import { define, type Look, type Plan, write } from './plan.js';
import { hasFields, isObject } from './records.js';
import { any } from './scalars.js';

/** A field that may be absent. */
export interface Optional<T = unknown> {
  readonly optional: Plan<T>;
}

/** A field with another name in Python than here. */
export interface Renamed<F extends Plan | Optional = Plan | Optional> {
  readonly wireName: string;
  readonly field: F;
}

/** What an object's plan says of its fields, by their names here. */
export type Fields = Readonly<Record<string, Plan | Optional | Renamed>>;

type Unnamed<F> = F extends Renamed<infer Inner> ? Inner : F;
type TypeOf<F> =
  Unnamed<F> extends Optional<infer T> ? T : Unnamed<F> extends Plan<infer T> ? T : never;
type OptionalNames<F> = {
  [K in keyof F]: Unnamed<F[K]> extends Optional ? K : never;
}[keyof F];

/** The type of the fields that an object's plan names. */
export type ObjectOf<F extends Fields> = {
  -readonly [K in Exclude<keyof F, OptionalNames<F>>]: TypeOf<F[K]>;
} & { -readonly [K in OptionalNames<F>]?: TypeOf<F[K]> };

/** Says that a field may be absent. */
export function optional<T = unknown>(plan: Plan<T> = any as Plan<T>): Optional<T> {
  return { optional: plan };
}

/** Says what a field is called in Python. */
export function renamed<F extends Plan | Optional = Plan>(
  wireName: string,
  field: F = any as Plan as F,
): Renamed<F> {
  return { wireName, field };
}

/** An object with these fields among others. */
export function object<F extends Fields>(fields: F): Plan<ObjectOf<F>> {
  const rules = Object.entries(fields).map(([name, field]) => new FieldRule(name, field));
  const byWireName = new Map(rules.map((rule) => [rule.wireName, rule]));
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const isRenamed = rules.some((rule) => rule.name !== rule.wireName);
  return define<ObjectOf<F>>({
    expected: () => 'an object',
    parts: () => rules.map((rule) => rule.plan),
    read: (value, place) => {
      if (!isRecord(value)) throw mismatch(place, 'an object', value);
      const inner = place.inside();
      for (const rule of rules) {
        place.key = rule.wireName;
        rule.read(value, inner);
      }
      return (isRenamed ? renameAll(value, byWireName, 'name') : value) as ObjectOf<F>;
    },
    ...((isRenamed || rules.some((rule) => rule.plan.write)) && {
      write: (value: unknown, place: Place) => {
        if (!hasFields(value)) return value;
        const written = renameAll(value, byName, 'wireName');
        const inner = place.inside();
        for (const rule of rules) {
          place.key = rule.name;
          rule.write(written, inner);
        }
        return written;
      },
    }),
    fits: (value, look) =>
      isObject(value, look.ours) &&
      (look.left <= 0 ||
        (rules.every((rule) => rule.fits(value, look)) &&
          (!look.exact ||
            Object.keys(value).every((key) => (look.ours ? byName : byWireName).has(key))))),
  });
}

/** One field of an object. */
class FieldRule {
  readonly name: string;
  readonly wireName: string;
  readonly plan: Plan;
  readonly #isOptional: boolean;
  /** Every object has something of that name from its prototype. */
  readonly #isInherited: boolean;

  constructor(name: string, field: Plan | Optional | Renamed) {
    const inner = 'wireName' in field ? field.field : field;
    this.name = name;
    this.wireName = 'wireName' in field ? field.wireName : name;
    this.#isOptional = 'optional' in inner;
    this.plan = 'optional' in inner ? inner.optional : inner;
    this.#isInherited = this.wireName in Object.prototype || name in Object.prototype;
  }

  /** Reads the field in place. */
  read(value: Record<string, unknown>, inner: Place): void {
    const item = this.#of(value, this.wireName);
    if (item !== undefined) {
      if (this.plan !== any) value[this.wireName] = this.plan.read(item, inner);
    } else if (!this.#isOptional) {
      throw mismatch(inner, this.plan.expected(), undefined);
    }
  }

  /** Writes the field of a copy. */
  write(copy: Record<string, unknown>, inner: Place): void {
    const item = this.#of(copy, this.wireName);
    if (item !== undefined && this.plan.write) {
      copy[this.wireName] = write(this.plan, item, inner);
    }
  }

  fits(value: Record<string, unknown>, look: Look): boolean {
    look.left--;
    const item = this.#of(value, look.ours ? this.name : this.wireName);
    return item === undefined ? this.#isOptional : this.plan.fits(item, look);
  }

  #of(value: Record<string, unknown>, name: string): unknown {
    return this.#isInherited && !Object.hasOwn(value, name) ? undefined : value[name];
  }
}

/** Returns a copy with the fields under their other names, in the same order. */
function renameAll(
  value: Record<string, unknown>,
  rules: ReadonlyMap<string, FieldRule>,
  to: 'name' | 'wireName',
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    setOwn(copy, rules.get(key)?.[to] ?? key, value[key]);
  }
  return copy;
}

/**
 * Sorts the arguments of a typed call into what travels: a list of positional ones and a map of
 * keywords. What was left out (`undefined`) is not sent, or marked where its place must be kept,
 * and what cannot be a call is refused before anything is.
 */

import { setOwn } from '../protocol/own-properties.js';
import {
  givenByPosition,
  keywordsNoObject,
  type Labelled,
  missing,
  unknownKeyword,
  wrongKind,
} from './argument-refusals.js';
import type { MethodSpec, PackArguments, PackedArguments } from './method.js';

type Named = [name: string, value: unknown][];

/** The keyword that lists the positions of arguments left out; no parameter in Python is spelled so. */
export const OMITTED = '$omitted';

const NO_KEYWORDS: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * The arguments of the commonest call: given by position, without a gap, and travelling as they are.
 * `undefined` where packing them, or refusing them, takes more than that.
 */
export function plainArguments(
  { layout, arguments: plans }: MethodSpec,
  positionals: readonly unknown[],
  keywords: object | undefined,
): PackedArguments | undefined {
  if (keywords !== undefined || plans !== undefined || layout.variadic !== undefined)
    return undefined;
  const { positional, keywordOnly } = layout;
  let given = positionals.length;
  while (given > 0 && positionals[given - 1] === undefined) given -= 1;
  if (given > positional.length) return undefined;
  for (let at = 0; at < given; at += 1) if (positionals[at] === undefined) return undefined;
  for (let at = given; at < positional.length; at += 1) {
    if (positional[at]?.isOptional !== true) return undefined;
  }
  for (const { isOptional } of keywordOnly) if (!isOptional) return undefined;
  const args = given === positionals.length ? positionals : positionals.slice(0, given);
  return { args, kwargs: NO_KEYWORDS };
}

/** Sorts the arguments of a method that takes each by position, as it is: behind one left out the others go by name. */
export const packPositional: PackArguments = (
  method,
  positionals,
  _keywords,
  label = method.name,
) => {
  const args: unknown[] = [];
  const kwargs: Record<string, unknown> = {};
  method.layout.positional.forEach(({ name, isOptional }, index) => {
    const value = positionals[index];
    if (value === undefined) {
      if (!isOptional) throw missing({ method, label }, name);
    } else if (args.length === index) args.push(value);
    else setOwn(kwargs, name, value);
  });
  return { args, kwargs };
};

/**
 * Packs the arguments of one call.
 *
 * @param positionals one for each positional parameter, `undefined` for one left out; the one at
 *   the place of `*values` is an array
 * @param label what messages call the method
 * @throws {ValidationError} `INVALID_ARGUMENTS`
 * @throws {EncodeError} an argument is none that its plan can write
 */
export function packArguments(
  method: MethodSpec,
  positionals: readonly unknown[],
  keywords: object | undefined,
  label = method.name,
): PackedArguments {
  const called = { method, label };
  const args: unknown[] = [];
  const named: Named = [];
  packPositionals(called, positionals, args, named);
  if (keywords !== undefined) packKeywords(called, keywords, named);
  for (const parameter of method.layout.keywordOnly) {
    if (parameter.isOptional || named.some(([name]) => name === parameter.name)) continue;
    throw missing(called, javascriptName(method, parameter.name));
  }
  return { args, kwargs: named.length === 0 ? NO_KEYWORDS : Object.fromEntries(named) };
}

function packPositionals(
  called: Labelled,
  positionals: readonly unknown[],
  args: unknown[],
  named: Named,
): void {
  const { positional, variadic } = called.method.layout;
  const values = variadic === undefined ? undefined : positionals[positional.length];
  if (variadic !== undefined && values !== undefined && !Array.isArray(values)) {
    throw wrongKind(called, variadic, 'an array', values);
  }
  const more: readonly unknown[] = Array.isArray(values) ? values : [];
  const fixed = more.length > 0 ? positional.length : countFixed(called.method, positionals);
  const omitted: number[] = [];
  positional.forEach((parameter, index) => {
    const value = positionals[index];
    if (value === undefined) {
      if (!parameter.isOptional) throw missing(called, parameter.name);
      if (index < fixed) omitted.push(args.push(null) - 1);
      return;
    }
    const written = write(called.method, parameter.name, value, parameter.name);
    if (args.length === index) args.push(written);
    else named.push([parameter.name, written]);
  });
  more.forEach((value, index) => {
    args.push(write(called.method, variadic as string, value, `${variadic}[${index}]`));
  });
  if (omitted.length > 0) named.push([OMITTED, omitted]);
}

/** How many of the arguments have to go by position: all up to the last that cannot go by name. */
function countFixed({ layout }: MethodSpec, positionals: readonly unknown[]): number {
  let count = 0;
  layout.positional.forEach(({ isPositionalOnly }, index) => {
    if (isPositionalOnly && positionals[index] !== undefined) count = index + 1;
  });
  return count;
}

function packKeywords(called: Labelled, keywords: object, named: Named): void {
  if (typeof keywords !== 'object' || keywords === null || Array.isArray(keywords)) {
    throw keywordsNoObject(called, keywords);
  }
  const { method } = called;
  const { keywordOnly, positional, extra } = method.layout;
  for (const [key, value] of Object.entries(keywords)) {
    if (value === undefined) continue;
    const name = pythonName(method, key);
    if (keywordOnly.some((parameter) => parameter.name === name)) {
      named.push([name, write(method, name, value, key)]);
      continue;
    }
    if (extra === undefined || key === OMITTED) throw unknownKeyword(called, key, value);
    // Python would find it given twice.
    if (positional.some((parameter) => parameter.name === name && !parameter.isPositionalOnly)) {
      throw givenByPosition(called, key, name, value);
    }
    named.push([name, write(method, extra, value, key)]);
  }
}

function pythonName({ names }: MethodSpec, key: string): string {
  return names !== undefined && Object.hasOwn(names, key) ? (names[key] as string) : key;
}

function javascriptName({ names = {} }: MethodSpec, name: string): string {
  return Object.keys(names).find((key) => names[key] === name) ?? name;
}

function write(method: MethodSpec, name: string, value: unknown, path: string): unknown {
  const plans = method.arguments;
  if (plans === undefined || !Object.hasOwn(plans, name)) return value;
  return plans[name]?.encode(value, path);
}

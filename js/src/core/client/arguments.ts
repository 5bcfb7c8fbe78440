/**
 * Sorts the arguments of a typed call into what travels: a list of positional ones and a map of
 * keywords. What was left out (`undefined`) is not sent, and what cannot be a call is refused
 * before anything is.
 */
import { SynapseError } from '../protocol/errors.js';
import type { MethodSpec, Parameter } from './method.js';

/** Keywords as the caller of a generated method gives them. */
export type Keywords = Readonly<Record<string, unknown>>;

export interface PackedArguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

const NO_KEYWORDS: Readonly<Record<string, unknown>> = Object.freeze({});

/** Names that a keyword object is most often mistaken for. */
const CALL_OPTIONS: readonly string[] = ['timeoutMs', 'signal', 'onProgress'];

/**
 * Packs the arguments of one call.
 *
 * @param positionals one for each positional parameter, `undefined` for one left out; the one at
 *   the place of `*values` is an array
 * @throws {SynapseError} `INVALID_ARGUMENTS`
 * @throws {EncodeError} an argument is none that its plan can write
 */
export function packArguments(
  method: MethodSpec,
  positionals: readonly unknown[],
  keywords: object | undefined,
): PackedArguments {
  const args: unknown[] = [];
  const named: [name: string, value: unknown][] = [];
  packPositional(method, positionals, args, named);
  if (keywords !== undefined) packKeywords(method, keywords, named);
  const { keywordOnly } = method.layout;
  for (const parameter of keywordOnly) {
    if (parameter.isOptional || named.some(([name]) => name === parameter.name)) continue;
    throw missing(method, parameter.name);
  }
  return { args, kwargs: named.length === 0 ? NO_KEYWORDS : Object.fromEntries(named) };
}

function packPositional(
  method: MethodSpec,
  positionals: readonly unknown[],
  args: unknown[],
  named: [string, unknown][],
): void {
  const { positional, variadic } = method.layout;
  /** The first one left out: what follows it cannot go by position. */
  let gap: Parameter | undefined;
  positional.forEach((parameter, index) => {
    const value = positionals[index];
    if (value === undefined) {
      if (!parameter.isOptional) throw missing(method, parameter.name);
      gap ??= parameter;
      return;
    }
    const written = write(method, parameter.name, value, parameter.name);
    if (gap === undefined) args.push(written);
    else if (parameter.isPositionalOnly) throw afterGap(method, parameter.name, gap.name);
    else named.push([parameter.name, written]);
  });
  const values = variadic === undefined ? undefined : positionals[positional.length];
  if (variadic === undefined || values === undefined) return;
  if (!Array.isArray(values)) {
    throw invalid(method, variadic, `argument "${variadic}" must be an array`, 'an array', values);
  }
  if (values.length > 0 && gap !== undefined) throw afterGap(method, variadic, gap.name);
  values.forEach((value, index) => {
    args.push(write(method, variadic, value, `${variadic}[${index}]`));
  });
}

function packKeywords(method: MethodSpec, keywords: object, named: [string, unknown][]): void {
  if (typeof keywords !== 'object' || keywords === null || Array.isArray(keywords)) {
    const what = 'the keyword arguments must be an object';
    throw invalid(method, '', what, 'an object', keywords);
  }
  const { keywordOnly, positional, extra } = method.layout;
  for (const [key, value] of Object.entries(keywords)) {
    if (value === undefined) continue;
    const name = pythonName(method, key);
    if (keywordOnly.some((parameter) => parameter.name === name)) {
      named.push([name, write(method, name, value, key)]);
      continue;
    }
    if (extra === undefined) throw unknownKeyword(method, key);
    // Python would find it given twice.
    if (positional.some((parameter) => parameter.name === name && !parameter.isPositionalOnly)) {
      const what = `argument "${key}" is given by position, not as a keyword`;
      throw invalid(method, name, what, 'no keyword of that name', value);
    }
    named.push([name, write(method, extra, value, key)]);
  }
}

function pythonName({ names }: MethodSpec, key: string): string {
  return names !== undefined && Object.hasOwn(names, key) ? (names[key] as string) : key;
}

function write(method: MethodSpec, name: string, value: unknown, path: string): unknown {
  const plans = method.arguments;
  if (plans === undefined || !Object.hasOwn(plans, name)) return value;
  return plans[name]?.encode(value, path);
}

function missing(method: MethodSpec, name: string): SynapseError {
  return invalid(method, name, `argument "${name}" is missing`, 'a value', undefined);
}

function afterGap(method: MethodSpec, name: string, gap: string): SynapseError {
  const what = `argument "${name}" goes by position only, so "${gap}" before it must be given too`;
  return invalid(method, gap, what, 'a value', undefined);
}

function unknownKeyword(method: MethodSpec, key: string): SynapseError {
  const keywords = method.layout.keywordOnly.map(({ name }) => name);
  const [javascript, python] = [Object.keys(method.names ?? {}), Object.values(method.names ?? {})];
  const known = keywords.map((name) => javascript[python.indexOf(name)] ?? name).join(', ');
  const hint = CALL_OPTIONS.includes(key)
    ? ` "${key}" is an option of the call, and options come last, after the keywords`
    : '';
  const has = known === '' ? 'it has no keyword arguments' : `it has ${known}`;
  const what = `there is no keyword argument "${key}"; ${has}${hint && `.${hint}`}`;
  return invalid(method, key, what, known, undefined);
}

function invalid(
  { name: method }: MethodSpec,
  parameter: string,
  what: string,
  expected: string,
  value: unknown,
): SynapseError {
  const got = value === undefined ? 'nothing' : value === null ? 'null' : typeof value;
  const details = { method, parameter, path: parameter, expected, got };
  return new SynapseError('INVALID_ARGUMENTS', `${method}(): ${what}.`, { details });
}

/** What a caller is told whose arguments cannot be a call: which method, which parameter, what instead. */
import { shortened } from '../protocol/codec/refusals.js';
import { ValidationError } from '../protocol/errors.js';
import { CALL_OPTIONS } from './client.js';
import type { MethodSpec } from './method.js';

/** A method and what messages call it. */
export interface Labelled {
  readonly method: MethodSpec;
  /** As in `pricing.quote`. */
  readonly label: string;
}

export function invalid(
  { method, label }: Labelled,
  parameter: string,
  what: string,
  expected: string,
  value: unknown,
): ValidationError {
  const details = { method: method.name, parameter, path: parameter, expected, got: shown(value) };
  return new ValidationError(`${label}(): ${what}.`, details, { code: 'INVALID_ARGUMENTS' });
}

export function missing(called: Labelled, name: string): ValidationError {
  return invalid(called, name, `argument "${name}" is missing`, 'a value', undefined);
}

export function wrongKind(called: Labelled, name: string, expected: string, value: unknown) {
  const what = `argument "${name}" must be ${expected}, got ${shown(value)}`;
  return invalid(called, name, what, expected, value);
}

export function keywordsNoObject(called: Labelled, value: unknown): ValidationError {
  const what = `the keyword arguments must be an object, got ${shown(value)}`;
  return invalid(called, '', what, 'an object', value);
}

export function givenByPosition(called: Labelled, key: string, name: string, value: unknown) {
  const what = `argument "${key}" is given by position, not as a keyword`;
  return invalid(called, name, what, 'no keyword of that name', value);
}

export function unknownKeyword(called: Labelled, key: string, value: unknown): ValidationError {
  const known = keywordNames(called.method).join(', ');
  const has = known === '' ? 'it has no keyword arguments' : `it has ${known}`;
  const hint = Object.hasOwn(CALL_OPTIONS, key)
    ? `. "${key}" is an option of the call, and options come last, after the keywords`
    : '';
  const what = `there is no keyword argument "${key}"; ${has}${hint}`;
  return invalid(called, key, what, known === '' ? 'no keywords' : `one of ${known}`, value);
}

/** The keywords of a method, as they are called in JavaScript. */
function keywordNames({ layout, names = {} }: MethodSpec): string[] {
  const [javascript, python] = [Object.keys(names), Object.values(names)];
  return layout.keywordOnly.map(({ name }) => javascript[python.indexOf(name)] ?? name);
}

export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `${typeof value} ${shortened(text)}`;
}

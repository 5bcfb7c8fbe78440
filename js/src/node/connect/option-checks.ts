/** Checks that all options share: what kind of value stands there, and what the refusal says. */
import { SynapseError } from '../../core/protocol/errors.js';

/** Options are an object. @throws {SynapseError} `INVALID_CONFIG` */
export function checkObject(where: string, options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  throw invalid(`The options of ${where} must be an object, not ${shown(options)}.`);
}

/** Only these names stand in it. @throws {SynapseError} `INVALID_CONFIG` */
export function checkNames(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw invalid(`${where} has no option "${name}"; it has ${[...known].sort().join(', ')}.`);
  }
}

/** A group of options, as in `recycle: { calls: 1000 }`. @throws {SynapseError} `INVALID_CONFIG` */
export function checkGroup(name: string, group: unknown, known: readonly string[]): void {
  if (typeof group !== 'object' || group === null || Array.isArray(group)) {
    throw invalid(`${name} must be an object with ${known.join(', ')}, not ${shown(group)}.`);
  }
  checkNames(name, group, known);
}

/** Returns a limit or a time, `Infinity` included. @throws {SynapseError} `INVALID_CONFIG` */
export function checkNumber(key: string, value: number): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw invalid(`${key} must be a number of at least 0, not ${shown(value)}.`);
}

/** Returns an integer of at least `least`. @throws {SynapseError} `INVALID_CONFIG` */
export function checkInteger(key: string, value: number, least = 0): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(`${key} must be an integer of at least ${least}, not ${shown(value)}.`);
}

/** Returns how many at a time: an integer from 1, or `Infinity`. @throws {SynapseError} `INVALID_CONFIG` */
export function checkConcurrency(key: string, value: number): number {
  return value === Number.POSITIVE_INFINITY ? value : checkInteger(key, value, 1);
}

/** @throws {SynapseError} `INVALID_CONFIG` */
export function checkBoolean(key: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw invalid(`${key} must be true or false, not ${shown(value)}.`);
}

/** @throws {SynapseError} `INVALID_CONFIG` */
export function checkChoice(key: string, value: unknown, choices: readonly unknown[]): void {
  if (value === undefined || choices.includes(value)) return;
  throw invalid(`${key} must be one of ${choices.join(', ')}, not ${shown(value)}.`);
}

/** @throws {SynapseError} `INVALID_CONFIG` */
export function checkText(key: string, value: unknown): void {
  if (value === undefined || typeof value === 'string') return;
  throw invalid(`${key} must be a string, not ${shown(value)}.`);
}

/** @throws {SynapseError} `INVALID_CONFIG` */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  const { addEventListener, aborted } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof addEventListener === 'function' && typeof aborted === 'boolean') return;
  throw invalid('signal must be an AbortSignal, as in { signal: controller.signal }.');
}

/** @throws {SynapseError} `INVALID_CONFIG` */
export function checkFunction(key: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw invalid(`${key} must be a function, not ${shown(value)}.`);
}

export function invalid(message: string): SynapseError {
  return new SynapseError('INVALID_CONFIG', message);
}

function shown(value: unknown): string {
  return Array.isArray(value) ? 'an array' : String(value);
}

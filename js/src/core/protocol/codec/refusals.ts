// Why a value does not travel, and what to do about it.

/** Why a value does not travel; whoever knows where it stands makes it an `EncodeError`. */
export class Refusal extends Error {
  readonly code: 'ENCODE_FAILED' | 'DEPTH_EXCEEDED';

  constructor(reason: string, code: 'ENCODE_FAILED' | 'DEPTH_EXCEEDED' = 'ENCODE_FAILED') {
    super(reason);
    this.code = code;
  }
}

/** What to do instead, by the tag that `Object.prototype.toString` gives. */
const ADVICE: Readonly<Record<string, string>> = {
  Error: 'an Error cannot travel; send its message, or throw it',
  Promise: 'a Promise cannot travel; await it first',
  RegExp: 'a RegExp cannot travel; send its source',
  WeakMap: 'a WeakMap cannot travel',
  WeakSet: 'a WeakSet cannot travel',
  WeakRef: 'a WeakRef cannot travel; send what it refers to',
  Generator: 'a generator travels only as an argument of a native call; send [...generator]',
  AsyncGenerator:
    'an async generator travels only as an argument of a native call; collect it first',
  'Array Iterator': 'an iterator travels only as an argument of a native call; send [...iterator]',
  'Map Iterator': 'an iterator travels only as an argument of a native call; send [...iterator]',
  'Set Iterator': 'an iterator travels only as an argument of a native call; send [...iterator]',
  'String Iterator': 'an iterator travels only as an argument of a native call; send [...iterator]',
  NdArray: 'this connection was made without arrays of numbers; send a plain array',
  SharedArrayBuffer: 'a SharedArrayBuffer cannot travel; copy it into a Uint8Array',
};

/** Returns the class that an object says it is: `Date` for a Date of any realm. */
export function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Returns why an object of this tag does not travel, if it does not. */
export function refusalOf(value: object, tag: string): string | undefined {
  if (value instanceof Error) {
    return ADVICE.Error;
  }
  return Object.hasOwn(ADVICE, tag) ? ADVICE[tag] : undefined;
}

/** Returns why a view of this tag does not travel, though arrays of numbers do or because none does. */
export function typedArrayRefusal(tag: string, arraysTravel: boolean): string {
  if (!arraysTravel) return ADVICE.NdArray!;
  return `a ${tag} cannot travel; copy its numbers into a Float32Array or another array of NumPy's types`;
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Returns the path's step to the value of `key`. */
export function pathStep(key: unknown): string {
  if (typeof key === 'number' || typeof key === 'bigint') {
    return `[${key}]`;
  }
  if (typeof key !== 'string') {
    return `[<${typeof key}>]`;
  }
  return IDENTIFIER.test(key) ? `.${key}` : `['${key.length > 64 ? `${key.slice(0, 64)}…` : key}']`;
}

// What to do with values that do not travel, in words: for whoever has room for them.

const ITERATOR = 'an iterator travels only as an argument of a native call; send [...iterator]';

/** Why a value does not travel and what to do instead, by the tag that `Object.prototype.toString` gives. */
export const ADVICE: Readonly<Record<string, string>> = {
  Error: 'an Error cannot travel; send its message, or throw it',
  Promise: 'a Promise cannot travel; await it first',
  RegExp: 'a RegExp cannot travel; send its source',
  WeakMap: 'a WeakMap cannot travel',
  WeakSet: 'a WeakSet cannot travel',
  WeakRef: 'a WeakRef cannot travel; send what it refers to',
  Generator: 'a generator travels only as an argument of a native call; send [...generator]',
  AsyncGenerator:
    'an async generator travels only as an argument of a native call; collect it first',
  SharedArrayBuffer: 'a SharedArrayBuffer cannot travel; copy it into a Uint8Array',
  'Array Iterator': ITERATOR,
  'Map Iterator': ITERATOR,
  'Set Iterator': ITERATOR,
  'String Iterator': ITERATOR,
};

/// <reference lib="esnext.disposable" preserve="true" />
/**
 * `Symbol.asyncDispose`, also where the runtime is older than it (Node 20.0 to 20.3).
 *
 * Compiled `await using` looks the symbol up on `Symbol`, so it is defined there, once, in the
 * way every polyfill does it.
 */
if (!Object.hasOwn(Symbol, 'asyncDispose')) {
  Object.defineProperty(Symbol, 'asyncDispose', { value: Symbol.for('Symbol.asyncDispose') });
}

export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose;

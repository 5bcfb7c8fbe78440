// Plans of types: what generated clients read and write values by.

export type { CallbackOptions } from './callbacks.js';
export type { Codec } from './custom.js';
export { holdsInstances } from './instances.js';
export type { DecodeContext, ServiceClass } from './place.js';
export type { Plan, ValueOf } from './plan.js';
/**
 * Makes plans: how the values of a type are read from what travels, and written to it. Generated clients use it;
 * by hand it serves to test a codec.
 */
export * as plan from './plans.js';
export type { ArrowTable } from './tables.js';

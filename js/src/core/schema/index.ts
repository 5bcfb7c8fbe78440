// Plans of types: what generated clients read and write values by.

export type { CallbackOptions } from './callbacks.js';
export type { Codec } from './custom.js';
export { holdsInstances } from './instances.js';
export type { DecodeContext, ServiceClass } from './place.js';
export type { Plan, ValueOf } from './plan.js';
export { plan } from './plan-namespace.js';
export type { ArrowTable } from './tables.js';

// The plans under one name, for whoever has the package and no bundle to keep small.

/**
 * Makes plans: how the values of a type are read from what travels, and written to it. Generated clients use it;
 * by hand it serves to test a codec.
 */
export * as plan from './plans.js';

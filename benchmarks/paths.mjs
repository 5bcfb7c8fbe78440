// Where the benchmark finds the scripts, the modules and the built package it measures.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export const script = (file) => join(here, 'python', file);
export const nativeModule = () => join(here, 'modules', 'native');
export const rawModule = (file = '') => join(here, 'modules', 'raw', file);
export const entry = (file) => join(here, file);

/** The interpreter that every peer runs on: the environment that Synapse builds for the raw module, since it has msgpack. */
export const moduleInterpreter = () => rawModule(join('.venv', 'bin', 'python'));

/** What Synapse wrote down about the native module's environment. */
export const nativeMarker = () => join(nativeModule(), '.venv', 'synapse.json');

/** The package as built in this checkout, loaded only by the contenders that need it. */
export const synapse = () => import('../js/dist/esm/index.js');

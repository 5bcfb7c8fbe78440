// Where the benchmark finds the scripts, the modules and the built package it measures.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The root of the checkout. */
export const ROOT = dirname(here);

/** The example of `make demo`. */
export const DEMO = 'digits';

export const script = (file) => join(here, 'python', file);
/** The folder of a module: one of the benchmark's own, or the example that `make demo` runs. */
export const moduleFolder = (name) =>
  name === DEMO ? join(ROOT, 'examples', name) : join(here, 'modules', name);
export const demoProgram = () => join(moduleFolder(DEMO), 'dist', 'demo.js');
export const rawScript = () => join(moduleFolder('raw'), 'main.py');
export const laneProgram = () => join(here, 'lane', 'main.mjs');
export const resultFile = (name) => join(here, 'results', name);
export const localResult = (name) => join(here, 'results', 'local', name);

/** The generated client of a module as JavaScript, which `prepare.mjs` makes. */
export const generatedClient = (name) => localResult(`${name}-client.mjs`);

/** The modules that have one: one that is measured, two that are weighed. */
export const CLIENTS = ['typed', 'browser', 'smallest'];

/** The interpreter of a module's environment, once it has been built. */
export const moduleInterpreter = (name) => join(moduleFolder(name), '.venv', 'bin', 'python');

/** The interpreter that every peer runs on: `make bench` builds it; without it, that of the checkout. */
export function peerInterpreter() {
  const own = join(here, '.venv', 'bin', 'python');
  return existsSync(own) ? own : join(ROOT, '.venv', 'bin', 'python');
}

/** The uv that the checkout is developed with. */
export const uvCommand = () => join(ROOT, '.venv', 'bin', 'uv');

/** The package as built in this checkout, loaded only by the contenders that need it. */
export const synapse = () => import('../js/dist/esm/index.js');

/** The sources that build and check environments, that start clients, and that say how a worker is spawned. */
export const ENVIRONMENTS = 'node/env/index.ts';
export const CLIENT_STARTS = 'node/connect/connect-pool.ts';
export const LAUNCHES = 'node/connect/launch.ts';

/** What `prepare.mjs` makes of a source of the package that is not public. */
export const insideFile = (source) => localResult(`inside-${source.replaceAll('/', '-')}.cjs`);

/** Something of the package that is not public, for what no public name shows; it is prepared before. */
export const synapseInside = (source) => createRequire(import.meta.url)(insideFile(source));

/** A development dependency of the package, such as a bundler. */
export const packageTool = (name) => createRequire(join(ROOT, 'js', 'package.json'))(name);

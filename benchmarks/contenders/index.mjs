/**
 * Every contender by its command-line name. A contender is a module with
 *
 * - `title`, `about`: what it is called and what it is,
 * - `packages`, `pythonPackages`: what has to be installed for it,
 * - `module`: the folder of `modules/` whose environment has to be built for it; an entrant's `options.module` goes before it,
 * - `load()`: imports what it has to of its library, where there is one and that starts nothing; `open` does so by itself,
 * - `open({ python, workers, options })`: resolves to what it can do:
 *   `call(value)` echoes, `produce(count)` streams numbers, `consume(items)` takes a stream and counts, `sendRecords`, `fetchRecords`, `sendBytes`, `fetchBytes`, `echoBytes`,
 *   `spin(rounds)`, `close()`. What a library has not got is absent, and the scenarios that need it are without it.
 */
import { createRequire } from 'node:module';

const NAMES = [
  'demo',
  'environment-builder',
  'fastapi',
  'fork-server',
  'hq-design',
  'hq-design-as-it-is',
  'interpreters',
  'json-lines',
  'msgpack-pair',
  'no-bridge',
  'node-calls-python',
  'node-calls-python-sync',
  'python-shell-binary',
  'python-shell-binary-apart',
  'python-shell-json',
  'python-shell-pool',
  'pythonia',
  'raw-buffers',
  'raw-fifo',
  'raw-segments',
  'raw-stdio',
  'raw-stdio-apart',
  'synapse-arrays',
  'synapse-beside-idle',
  'synapse-columns',
  'synapse-columns-kept',
  'synapse-native',
  'synapse-raw',
  'synapse-sliced',
  'synapse-stdio',
  'synapse-typed',
];

const require = createRequire(import.meta.url);

/** The module of a contender, by its name. */
export function loadContender(name) {
  if (!NAMES.includes(name))
    throw new Error(`No contender "${name}": choose from ${NAMES.join(', ')}.`);
  return import(`./${name}.mjs`);
}

function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Which packages a contender misses; `pythonModules` is what the peers' interpreter has. */
export function missingPackages({ packages = [], pythonPackages = [] }, pythonModules) {
  return [
    ...packages.filter((name) => !isInstalled(name)),
    ...pythonPackages.filter((name) => !pythonModules.has(name)),
  ];
}

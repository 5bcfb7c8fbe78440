// What starts and idle workers are measured against: an interpreter that imports what the worker has to, and waits.
import { once } from 'node:events';
import { join } from 'node:path';
import { DEMO, moduleFolder, moduleInterpreter } from '../paths.mjs';
import { startProgram } from './parts/children.mjs';

/** What each module's interpreter imports: its third-party modules, and the codec of the worker where it needs one. */
const IMPORTS = {
  native: 'msgspec',
  arrays: 'msgspec, numpy',
  raw: 'msgpack',
  [DEMO]: 'sklearn.datasets, sklearn.metrics, sklearn.model_selection, sklearn.neural_network',
};

export const title = 'interpreter';
export const about =
  "the module's own interpreter importing its third-party modules and the codec; it runs no worker";

/** @param options `module`: whose environment it is */
export async function open({ options: { module } }) {
  const codec = join(moduleFolder(module), '.venv', 'synapse', 'codec');
  const program = `import sys; sys.path.append(sys.argv[1]); import ${IMPORTS[module]}, os; os.write(1, b"."); os.read(0, 1)`;
  const { child, close } = startProgram(moduleInterpreter(module), ['-c', program, codec]);
  await once(child.stdout, 'data');
  return { call: async () => {}, close };
}

// node-calls-python: CPython inside the Node process. No isolation: what crashes in Python takes Node with it.
import { script } from '../paths.mjs';
import { operationsWithBytes } from './parts/operations.mjs';

export const title = 'node-calls-python';
export const about =
  'CPython embedded in the Node process, `call()` on its thread; nothing is isolated, nothing can be stopped';
export const packages = ['node-calls-python'];

/** The embedded interpreter with what there is to do. */
export async function embed(python) {
  const { interpreter } = await import('node-calls-python');
  interpreter.setPythonExecutable(python);
  return { interpreter, work: await interpreter.import(script('work.py'), false) };
}

export async function open({ python }) {
  const { interpreter, work } = await embed(python);
  const ask = (operation, value) => interpreter.call(work, operation, value);
  return {
    ...operationsWithBytes(ask),
    losesNull: true, // None comes back as undefined
    fetchBytes: async (size) => new Uint8Array(await ask('fetch_bytes', size)),
    echoBytes: async (bytes) => new Uint8Array(await ask('echo', bytes)),
    close: async () => {},
  };
}

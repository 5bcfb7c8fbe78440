// python-shell's binary mode gives two streams and nothing else: what an expert puts on them is length-prefixed MessagePack.
import { script } from '../paths.mjs';
import { askingInFrames } from './parts/framed-msgpack.mjs';
import { operationsWithBytes } from './parts/operations.mjs';

export const title = 'python-shell, binary';
export const about =
  'binary mode with length-prefixed MessagePack, pipelined, matched by order, replies written together';
export const packages = ['python-shell', '@msgpack/msgpack'];
export const load = () => Promise.all([import('python-shell'), import('@msgpack/msgpack')]);

/** @param args of `python/framed_msgpack.py`: how many replies go into a write */
export async function openShell(python, args = []) {
  const { PythonShell } = await import('python-shell');
  const shell = new PythonShell(script('framed_msgpack.py'), {
    mode: 'binary',
    pythonPath: python,
    args,
  });
  return {
    ...operationsWithBytes(await askingInFrames(shell)),
    close: () => new Promise((resolve) => shell.end(() => resolve())),
  };
}

export const open = ({ python }) => openShell(python);

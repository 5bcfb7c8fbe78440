// What an expert builds with the two MessagePack libraries over stdio: pipelined, replies in order, written together.
import { script } from '../paths.mjs';
import { startProgram } from './parts/children.mjs';
import { askingInFrames } from './parts/framed-msgpack.mjs';
import { operationsWithBytes } from './parts/operations.mjs';

export const title = 'MessagePack over stdio';
export const about =
  '`@msgpack/msgpack` and `msgpack`, pipelined, matched by order, replies written together; no ids';
export const packages = ['@msgpack/msgpack'];
export const load = () => import('@msgpack/msgpack');

export async function open({ python }) {
  const { child, close } = startProgram(python, [script('framed_msgpack.py')]);
  return { ...operationsWithBytes(await askingInFrames(child)), close };
}

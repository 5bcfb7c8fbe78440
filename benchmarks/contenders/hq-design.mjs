// The design of hq-synapse in a few lines: stdio, a length prefix, MessagePack libraries on both ends, one call in flight.
import { rawScript } from '../paths.mjs';
import { startProgram } from './parts/children.mjs';
import { frame, frameReader } from './parts/frames.mjs';
import { askingRaw, operationsWithBytes } from './parts/operations.mjs';

export const title = 'hq-synapse design';
export const about =
  'length-prefixed MessagePack over stdio, one call in flight, as an expert would write it: chunks are joined once a message';
export const packages = ['@msgpack/msgpack'];
export const load = () => import('@msgpack/msgpack');

/** @param readerOf makes of `onFrame(bytes)` what takes the chunks of stdout */
export async function openDesign(python, readerOf) {
  const { decode, encode } = await import('@msgpack/msgpack');
  const { child, close } = startProgram(python, [rawScript()]);
  let settle;
  child.stdout.on(
    'data',
    readerOf((payload) => settle(decode(payload))),
  );

  function exchange(value) {
    return new Promise((resolve) => {
      settle = resolve;
      child.stdin.write(frame(encode(value)));
    });
  }

  let last = Promise.resolve();
  const inTurn = (value) => (last = last.then(() => exchange(value)));
  return { ...operationsWithBytes(askingRaw(inTurn)), close };
}

export const open = ({ python }) => openDesign(python, frameReader);

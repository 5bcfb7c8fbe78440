// Length-prefixed MessagePack over two streams, pipelined: requests are `[operation, argument]`, answers come in order.
import { frame, frameReader } from './frames.mjs';
import { InOrder } from './in-order.mjs';

/** Resolves to how one asks `python/framed_msgpack.py` over its stdin and stdout. */
export async function askingInFrames({ stdin, stdout }) {
  const { decode, encode } = await import('@msgpack/msgpack');
  const waiting = new InOrder();
  stdout.on(
    'data',
    frameReader((payload) => waiting.answer(decode(payload))),
  );
  return (operation, value) =>
    new Promise((resolve) => {
      waiting.wait(resolve);
      stdin.write(frame(encode([operation, value])));
    });
}

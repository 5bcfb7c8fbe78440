// The same over stdin and stdout as Node opens them (a pair of sockets), each call written by itself, read with `data` events.
import { script } from '../paths.mjs';
import { PAYLOAD_BYTES, payloadBytes } from '../payload.mjs';
import { startProgram } from './parts/children.mjs';
import { InOrder } from './parts/in-order.mjs';

export const title = 'raw stdio';
export const about =
  'the same bytes through stdin and stdout as Node opens them, each call a write of its own';

export async function open({ python }) {
  const { child, close } = startProgram(python, [script('raw_stdio.py')]);
  const waiting = new InOrder();
  let held = 0;
  child.stdout.on('data', (chunk) => {
    held += chunk.length;
    for (; held >= PAYLOAD_BYTES; held -= PAYLOAD_BYTES) waiting.answer();
  });

  return {
    call: () =>
      new Promise((resolve) => {
        waiting.wait(resolve);
        child.stdin.write(payloadBytes);
      }),
    close,
  };
}

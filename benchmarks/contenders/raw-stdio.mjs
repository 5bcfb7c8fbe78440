// The same over stdin and stdout as Node opens them (a pair of sockets), each call written by itself, read with `data` events.
// Python echoes what it read together in one write.
import { script } from '../paths.mjs';
import { PAYLOAD_BYTES, payloadBytes } from '../payload.mjs';
import { startProgram } from './parts/children.mjs';
import { InOrder } from './parts/in-order.mjs';

export const title = 'raw stdio';
export const about =
  'the same bytes through stdin and stdout as Node opens them, each call a write of its own, what arrives together answered together';

/** @param args of `python/raw_stdio.py`: how it answers */
export async function openEcho(python, ...args) {
  const { child, close } = startProgram(python, [script('raw_stdio.py'), ...args]);
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

export const open = ({ python }) => openEcho(python);

// The limit: one write a call, one read into a reused buffer, no codec. Nothing that runs Python in a process of its own
// and answers each call can be expected below it.
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { script } from '../paths.mjs';
import { PAYLOAD_BYTES, payloadBytes } from '../payload.mjs';
import { openFifos, READ_WITHOUT_WAITING, WRITE } from './parts/fifos.mjs';
import { InOrder } from './parts/in-order.mjs';
import { ItemQueue } from './parts/item-queue.mjs';

export const title = 'raw FIFO';
export const about =
  'as many bytes through a pair of pipes, read with `onread` into a reused buffer; no codec, no ids, no dispatch';

/** A request that is not echoed: its first byte says that numbers are wanted, four bytes each. */
function streamRequest(count) {
  const bytes = Buffer.alloc(PAYLOAD_BYTES);
  bytes.writeUInt32LE(count, 1);
  bytes[0] = 1;
  return bytes;
}

export async function open({ python }) {
  const { descriptors, close } = await openFifos(python, script('raw_fifo.py'), [
    WRITE,
    READ_WITHOUT_WAITING,
  ]);
  const [requests, replies] = descriptors;
  const waiting = new InOrder();
  let held = 0;
  let items;
  let streamed = 0;

  /** Pipes are filled and emptied by pages, so no number comes in two parts. */
  function receiveItems(count, bytes) {
    items.push(new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + count)));
    streamed -= count;
  }

  function receive(count, bytes) {
    if (streamed > 0) {
      receiveItems(count, bytes);
      return true;
    }
    held += count;
    for (; held >= PAYLOAD_BYTES; held -= PAYLOAD_BYTES) waiting.answer();
    return true;
  }

  const buffer = Buffer.allocUnsafeSlow(65536);
  const socket = new Socket({
    fd: replies,
    writable: false,
    onread: { buffer, callback: receive },
  });
  socket.resume();

  return {
    call: () =>
      new Promise((resolve) => {
        waiting.wait(resolve);
        writeSync(requests, payloadBytes);
      }),
    produce: (count) => {
      items = new ItemQueue(count);
      streamed = 4 * count;
      writeSync(requests, streamRequest(count));
      return items;
    },
    close: async () => {
      socket.destroy();
      await close([requests]);
    },
  };
}

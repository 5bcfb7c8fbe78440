// The limit: one write a call, one read into a reused buffer, no codec. Nothing that runs Python in a process of its own
// and answers each call can be expected below it.
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { script } from '../paths.mjs';
import { PAYLOAD_BYTES, payloadBytes } from '../payload.mjs';
import { batchesOf } from './parts/batches.mjs';
import { openFifos, READ_WITHOUT_WAITING, WRITE } from './parts/fifos.mjs';
import { InOrder } from './parts/in-order.mjs';
import { ItemQueue } from './parts/item-queue.mjs';
import { pipes } from './parts/large-bytes.mjs';

export const title = 'raw FIFO';
export const about =
  'as many bytes through a pair of pipes, read with `onread` into a reused buffer; no codec, no ids, no dispatch';

const PRODUCE = 1;
const CONSUME = 2;
/** What stands after the last number that goes up. */
const END = Int32Array.of(-1);
const ITEMS_A_WRITE = 4096;

/** A request that is not just echoed: its first byte says that numbers are wanted, or that they come, four bytes each. */
function streamRequest(direction, count = 0) {
  const bytes = Buffer.alloc(PAYLOAD_BYTES);
  bytes[0] = direction;
  bytes.writeUInt32LE(count, 1);
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

  const ask = (bytes) =>
    new Promise((resolve) => {
      waiting.wait(resolve);
      writeSync(requests, bytes);
    });
  const writeNumbers = (numbers) => pipes.writeAll(requests, new Uint8Array(numbers.buffer));

  return {
    call: () => ask(payloadBytes),
    produce: (count) => {
      items = new ItemQueue(count);
      streamed = 4 * count;
      writeSync(requests, streamRequest(PRODUCE, count));
      return items;
    },
    consume: async (uploaded) => {
      await ask(streamRequest(CONSUME));
      let count = 0;
      for (const batch of batchesOf(uploaded, ITEMS_A_WRITE)) {
        await writeNumbers(Int32Array.from(batch));
        count += batch.length;
      }
      const answered = new Promise((resolve) => waiting.wait(resolve));
      await writeNumbers(END);
      await answered;
      return count;
    },
    close: async () => {
      socket.destroy();
      await close([requests]);
    },
  };
}

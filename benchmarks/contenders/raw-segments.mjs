// The limit for large bytes without a pipe: one copy into memory that both ends have, one copy out of it.
import { Socket } from 'node:net';
import { script } from '../paths.mjs';
import { openFifos, READ_AND_WRITE, READ_WITHOUT_WAITING, WRITE } from './parts/fifos.mjs';
import { ECHO, FETCH, files, pipes, requestOf, SEND } from './parts/large-bytes.mjs';

export const title = 'raw shared memory';
export const about =
  'bytes through a memfd of each direction that stays: written and read in one asynchronous step, Python has it mapped';

export async function open({ python }) {
  const { descriptors, close } = await openFifos(python, script('raw_segments.py'), [
    WRITE,
    READ_WITHOUT_WAITING,
    READ_AND_WRITE,
    READ_AND_WRITE,
  ]);
  const [requests, replies, upward, downward] = descriptors;
  let settle;
  const socket = new Socket({
    fd: replies,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafeSlow(64),
      callback: () => {
        settle();
        return true;
      },
    },
  });
  socket.resume();

  async function ask(operation, size) {
    const answered = new Promise((resolve) => {
      settle = resolve;
    });
    await pipes.writeAll(requests, requestOf(operation, size));
    return answered;
  }

  return {
    async sendBytes(bytes) {
      await files.writeAll(upward, bytes);
      await ask(SEND, bytes.length);
      return bytes.length;
    },
    async fetchBytes(size) {
      await ask(FETCH, size);
      return files.readAll(downward, size);
    },
    async echoBytes(bytes) {
      await files.writeAll(upward, bytes);
      await ask(ECHO, bytes.length);
      return files.readAll(downward, bytes.length);
    },
    close: async () => {
      socket.destroy();
      await close([requests, upward, downward]);
    },
  };
}

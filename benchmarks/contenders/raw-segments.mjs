// The limit for large bytes without a pipe: one copy into memory that both ends have, one copy out of it.
import { read, write } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { script } from '../paths.mjs';
import { openFifos, READ_AND_WRITE, READ_WITHOUT_WAITING, WRITE } from './parts/fifos.mjs';

export const title = 'raw shared memory';
export const about =
  'bytes through a memfd of each direction that stays: written and read in one asynchronous step, Python has it mapped';

const writeSome = promisify(write);
const readSome = promisify(read);

const SEND = 0;
const FETCH = 1;
const ECHO = 2;

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

  async function command(operation, size) {
    const header = Buffer.alloc(16);
    header.writeBigUInt64LE(BigInt(operation), 0);
    header.writeBigUInt64LE(BigInt(size), 8);
    const answered = new Promise((resolve) => {
      settle = resolve;
    });
    await writeSome(requests, header);
    return answered;
  }

  async function put(bytes) {
    for (let at = 0; at < bytes.length; )
      at += (await writeSome(upward, bytes, at, bytes.length - at, at)).bytesWritten;
  }

  async function take(size) {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size; )
      at += (await readSome(downward, bytes, at, size - at, at)).bytesRead;
    return bytes;
  }

  return {
    async sendBytes(bytes) {
      await put(bytes);
      await command(SEND, bytes.length);
      return bytes.length;
    },
    async fetchBytes(size) {
      await command(FETCH, size);
      return take(size);
    },
    async echoBytes(bytes) {
      await put(bytes);
      await command(ECHO, bytes.length);
      return take(bytes.length);
    },
    close: async () => {
      socket.destroy();
      await close([requests, upward, downward]);
    },
  };
}

// The limit for large bytes through pipes: written in one call, read straight into a buffer of exactly their size.
import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import { script } from '../paths.mjs';
import { openFifos, READ, WRITE } from './parts/fifos.mjs';

export const title = 'raw pipe';
export const about =
  'bytes through a pair of pipes of 1 MiB, asynchronously, read into a new buffer of exactly their size';

const writeSome = promisify(write);
const readSome = promisify(read);

const SEND = 0;
const FETCH = 1;
const ECHO = 2;

export async function open({ python }) {
  const { descriptors, close } = await openFifos(python, script('raw_buffers.py'), [WRITE, READ]);
  const [requests, replies] = descriptors;

  async function writeAll(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await writeSome(requests, bytes, at, bytes.length - at, null);
      at += bytesWritten;
    }
  }

  async function readAll(size) {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size; )
      at += (await readSome(replies, bytes, at, size - at, null)).bytesRead;
    return bytes;
  }

  async function command(operation, size) {
    const header = Buffer.alloc(16);
    header.writeBigUInt64LE(BigInt(operation), 0);
    header.writeBigUInt64LE(BigInt(size), 8);
    await writeAll(header);
  }

  return {
    async sendBytes(bytes) {
      await command(SEND, bytes.length);
      await writeAll(bytes);
      return Number((await readAll(8)).readBigUInt64LE());
    },
    async fetchBytes(size) {
      await command(FETCH, size);
      return readAll(size);
    },
    async echoBytes(bytes) {
      await command(ECHO, bytes.length);
      await writeAll(bytes);
      return readAll(bytes.length);
    },
    close: () => close(),
  };
}

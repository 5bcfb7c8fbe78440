// What both limits of large buffers do: they ask by an operation and a size, write all of some bytes, and read into a new
// buffer of exactly the size, asynchronously.
import { read, write } from 'node:fs';
import { promisify } from 'node:util';

export const SEND = 0;
export const FETCH = 1;
export const ECHO = 2;

const writeSome = promisify(write);
const readSome = promisify(read);

/** Where a read or a write goes in a file; in a pipe there are no places. */
const inFile = (at) => at;
const inPipe = () => null;

function transfersTo(place) {
  return {
    async writeAll(descriptor, bytes) {
      for (let at = 0; at < bytes.length; )
        at += (await writeSome(descriptor, bytes, at, bytes.length - at, place(at))).bytesWritten;
    },
    async readAll(descriptor, size) {
      const bytes = Buffer.allocUnsafeSlow(size);
      for (let at = 0; at < size; )
        at += (await readSome(descriptor, bytes, at, size - at, place(at))).bytesRead;
      return bytes;
    },
  };
}

export const pipes = transfersTo(inPipe);
export const files = transfersTo(inFile);

/** A request: what is wanted, and of how many bytes. */
export function requestOf(operation, size) {
  const header = Buffer.alloc(16);
  header.writeBigUInt64LE(BigInt(operation), 0);
  header.writeBigUInt64LE(BigInt(size), 8);
  return header;
}

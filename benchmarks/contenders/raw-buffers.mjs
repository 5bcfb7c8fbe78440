// The limit for large bytes through pipes: written in one call, read straight into a buffer of exactly their size.
import { script } from '../paths.mjs';
import { openFifos, READ, WRITE } from './parts/fifos.mjs';
import { ECHO, FETCH, pipes, requestOf, SEND } from './parts/large-bytes.mjs';

export const title = 'raw pipe';
export const about =
  'bytes through a pair of pipes of 1 MiB, asynchronously, read into a new buffer of exactly their size';

export async function open({ python }) {
  const { descriptors, close } = await openFifos(python, script('raw_buffers.py'), [WRITE, READ]);
  const [requests, replies] = descriptors;
  const ask = (operation, size) => pipes.writeAll(requests, requestOf(operation, size));

  return {
    async sendBytes(bytes) {
      await ask(SEND, bytes.length);
      await pipes.writeAll(requests, bytes);
      return Number((await pipes.readAll(replies, 8)).readBigUInt64LE());
    },
    async fetchBytes(size) {
      await ask(FETCH, size);
      return pipes.readAll(replies, size);
    },
    async echoBytes(bytes) {
      await ask(ECHO, bytes.length);
      await pipes.writeAll(requests, bytes);
      return pipes.readAll(replies, bytes.length);
    },
    close: () => close(),
  };
}

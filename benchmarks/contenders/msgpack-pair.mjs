// What an expert builds with the two MessagePack libraries over stdio: pipelined, replies in order, written together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { script } from '../paths.mjs';
import { frame, frameReader } from './parts/frames.mjs';
import { InOrder } from './parts/in-order.mjs';

export const title = 'MessagePack over stdio';
export const about =
  '`@msgpack/msgpack` and `msgpack`, pipelined, matched by order, replies written together; no ids';
export const packages = ['@msgpack/msgpack'];

export async function open({ python }) {
  const { decode, encode } = await import('@msgpack/msgpack');
  const child = spawn(python, [script('framed_msgpack.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new InOrder();
  child.stdout.on(
    'data',
    frameReader((payload) => waiting.answer(decode(payload))),
  );

  const ask = (operation, value) =>
    new Promise((resolve) => {
      waiting.wait(resolve);
      child.stdin.write(frame(encode([operation, value])));
    });
  return {
    call: (value) => ask('echo', value),
    sendRecords: (records) => ask('send_records', records),
    fetchRecords: (count) => ask('fetch_records', count),
    sendBytes: (bytes) => ask('send_bytes', bytes),
    fetchBytes: (size) => ask('fetch_bytes', size),
    echoBytes: (bytes) => ask('echo', bytes),
    spin: (rounds) => ask('spin', rounds),
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

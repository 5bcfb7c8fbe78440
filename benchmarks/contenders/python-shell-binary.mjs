// python-shell's binary mode gives two streams and nothing else: what an expert puts on them is length-prefixed MessagePack.
import { script } from '../paths.mjs';
import { frame, frameReader } from './parts/frames.mjs';
import { InOrder } from './parts/in-order.mjs';

export const title = 'python-shell, binary';
export const about =
  'binary mode with length-prefixed MessagePack, pipelined, matched by order, replies written together';
export const packages = ['python-shell', '@msgpack/msgpack'];

export async function open({ python }) {
  const { PythonShell } = await import('python-shell');
  const { decode, encode } = await import('@msgpack/msgpack');
  const shell = new PythonShell(script('framed_msgpack.py'), {
    mode: 'binary',
    pythonPath: python,
  });
  const waiting = new InOrder();
  shell.stdout.on(
    'data',
    frameReader((payload) => waiting.answer(decode(payload))),
  );

  const ask = (operation, value) =>
    new Promise((resolve) => {
      waiting.wait(resolve);
      shell.stdin.write(frame(encode([operation, value])));
    });
  return {
    call: (value) => ask('echo', value),
    sendRecords: (records) => ask('send_records', records),
    fetchRecords: (count) => ask('fetch_records', count),
    sendBytes: (bytes) => ask('send_bytes', bytes),
    fetchBytes: (size) => ask('fetch_bytes', size),
    echoBytes: (bytes) => ask('echo', bytes),
    spin: (rounds) => ask('spin', rounds),
    close: () => new Promise((resolve) => shell.end(() => resolve())),
  };
}

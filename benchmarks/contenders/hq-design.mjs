// The design of hq-synapse in a few lines: stdio, a length prefix, MessagePack libraries on both ends, one call in flight.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rawScript } from '../paths.mjs';
import { frame, frameReader } from './parts/frames.mjs';

export const title = 'hq-synapse design';
export const about =
  'length-prefixed MessagePack over stdio, one call in flight, re-expressed; chunks are joined once a message';
export const packages = ['@msgpack/msgpack'];

export async function open({ python }) {
  const { decode, encode } = await import('@msgpack/msgpack');
  const child = spawn(python, [rawScript()], { stdio: ['pipe', 'pipe', 'inherit'] });
  let settle;
  child.stdout.on(
    'data',
    frameReader((payload) => settle(decode(payload))),
  );

  function exchange(value) {
    return new Promise((resolve) => {
      settle = resolve;
      child.stdin.write(frame(encode(value)));
    });
  }

  let last = Promise.resolve();
  const call = (value) => (last = last.then(() => exchange(value)));
  return {
    call,
    sendRecords: (records) => call(['send_records', records]),
    fetchRecords: (count) => call(['fetch_records', count]),
    sendBytes: (bytes) => call(['send_bytes', bytes]),
    fetchBytes: (size) => call(['fetch_bytes', size]),
    echoBytes: call,
    spin: (rounds) => call(['spin', rounds]),
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

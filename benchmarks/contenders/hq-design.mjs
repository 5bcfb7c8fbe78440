// The design of hq-synapse in a few lines: stdio, a length prefix, MessagePack libraries on both ends, one call in flight.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { decode, encode } from '@msgpack/msgpack';
import { rawModule } from '../paths.mjs';

export const name = 'hq-synapse design';
export const about =
  'length-prefixed MessagePack over stdio, one call in flight (re-expressed here)';

export async function open({ python }) {
  const child = spawn(python, [rawModule('main.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  let received = Buffer.alloc(0);
  let settle;
  child.stdout.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 4) return;
    const end = 4 + received.readUInt32LE(0);
    if (received.length < end) return;
    const payload = received.subarray(4, end);
    received = received.subarray(end);
    settle(decode(payload));
  });

  function exchange(value) {
    return new Promise((resolve) => {
      settle = resolve;
      const payload = encode(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(payload.length);
      child.stdin.write(Buffer.concat([length, payload]));
    });
  }

  let last = Promise.resolve();
  return {
    call: (payload) => (last = last.then(() => exchange(payload))),
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

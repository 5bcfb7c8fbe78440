// The floor: one write, one read into a reused buffer, no codec. Nothing that runs Python in a process of its own can beat it.
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { script } from '../paths.mjs';

export const name = 'raw pipe (floor)';
export const about =
  'as many bytes echoed through two pipes, no codec and no dispatch; a burst is a single write';

export async function open({ python, payloadBytes }) {
  const child = spawn(python, [script('raw_pipe.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise((resolve) =>
    child.stdout.once('data', (chunk) => resolve(String(chunk))),
  );
  const [requestFd, replyFd] = line.trim().split(' ');
  const request = openSync(`/proc/${child.pid}/fd/${requestFd}`, constants.O_WRONLY);
  const reply = openSync(
    `/proc/${child.pid}/fd/${replyFd}`,
    constants.O_RDONLY | constants.O_NONBLOCK,
  );
  child.stdin.write('.');

  let missing = 0;
  let settle;
  const buffer = Buffer.allocUnsafe(65536);
  const socket = new Socket({
    fd: reply,
    writable: false,
    onread: {
      buffer,
      callback: (count) => {
        missing -= count;
        if (missing === 0) settle();
        return true;
      },
    },
  });
  socket.resume();

  /** Sends `count` payloads at once and resolves when as many bytes have come back. */
  function exchange(count) {
    return new Promise((resolve) => {
      settle = resolve;
      missing = count * payloadBytes.length;
      writeSync(
        request,
        count === 1 ? payloadBytes : Buffer.concat(Array(count).fill(payloadBytes)),
      );
    });
  }

  return {
    call: () => exchange(1),
    burst: (_payload, count) => exchange(count),
    close: async () => {
      closeSync(request);
      socket.destroy();
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

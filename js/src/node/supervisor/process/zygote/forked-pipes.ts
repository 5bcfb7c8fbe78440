/** Our ends of the pipes that a forked worker made, opened through `/proc/<pid>/fd`. */
import { constants, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { openForSockets } from '../../../transport/adoption.js';
import { type OpenPipes, ourEnds, type PipeNumbers, usePipes } from '../../../transport/pipes.js';

/** Descriptor numbers as the worker knows them. */
export interface ForkedPipeNumbers extends PipeNumbers {
  readonly control_input: number;
  readonly control_output: number;
  /** Nobody writes to it: that it closes says that we have gone. */
  readonly life: number;
  readonly stdout: number;
  readonly stderr: number;
  readonly dump: number;
  /** Memory, no pipe: what it writes down of its calls. None where it could not make any. */
  readonly ledger?: number | null;
}

export interface ForkedPipes {
  readonly data: OpenPipes;
  readonly control: { readonly input: Readable; readonly output: Writable };
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly lifeFd: number;
}

/**
 * Opens all of them, or none, and has the worker go on, which waits for it before it closes its own copies.
 *
 * @param openRest opens what can be done without; whether the stacks of the worker are read, and what it has begun
 * @throws {Error} the process has gone, or nothing more can be opened
 */
export function openForkedPipes(
  pid: number,
  numbers: ForkedPipeNumbers,
  openRest: () => { readonly dump: boolean; readonly ledger: boolean },
): ForkedPipes {
  const [input, output, cancel, lifeFd, controlOut, controlIn, stdout, stderr] = openForSockets(
    pid,
    [
      ...ourEnds(numbers),
      [numbers.life, constants.O_WRONLY],
      [numbers.control_input, constants.O_WRONLY],
      [numbers.control_output, constants.O_RDONLY],
      [numbers.stdout, constants.O_RDONLY],
      [numbers.stderr, constants.O_RDONLY],
    ],
  );
  const { dump, ledger } = openRest();
  // At once: it goes on while streams are made of what is open.
  tell(controlOut, { channel: 'pipes', ...(dump && { dump }), ...(ledger && { ledger }) });
  return {
    data: usePipes(pid, [input, output, cancel], numbers),
    control: { input: readerOf(controlIn), output: writerOf(controlOut) },
    stdout: readerOf(stdout),
    stderr: readerOf(stderr),
    lifeFd,
  };
}

function tell(fd: number, message: object): void {
  try {
    writeSync(fd, `${JSON.stringify(message)}\n`);
  } catch {
    // It has gone: its end says more.
  }
}

function readerOf(fd: number): Readable {
  return quiet(new Socket({ fd, readable: true, writable: false }));
}

function writerOf(fd: number): Writable {
  return quiet(new Socket({ fd, readable: false, writable: true }));
}

/** It keeps no host alive, and a broken pipe is told by the end of the process, which says more. */
function quiet(socket: Socket): Socket {
  socket.unref();
  socket.on('error', () => undefined);
  return socket;
}

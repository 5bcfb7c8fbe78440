/** Our ends of the pipes that a forked worker made, opened through `/proc/<pid>/fd`. */
import { closeSync, constants } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { openForSocket } from '../../../transport/adoption.js';
import { type OpenPipes, openPipes, type PipeNumbers } from '../../../transport/pipes.js';

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

/** Opens all of them, or none. @throws {Error} the process has gone, or nothing more can be opened */
export function openForkedPipes(pid: number, numbers: ForkedPipeNumbers): ForkedPipes {
  const fds: number[] = [];
  const open = (number: number, mode: number): number => {
    const fd = openForSocket(pid, number, mode);
    fds.push(fd);
    return fd;
  };
  try {
    const lifeFd = open(numbers.life, constants.O_WRONLY);
    const controlOut = open(numbers.control_input, constants.O_WRONLY);
    const controlIn = open(numbers.control_output, constants.O_RDONLY);
    const stdout = open(numbers.stdout, constants.O_RDONLY);
    const stderr = open(numbers.stderr, constants.O_RDONLY);
    const data = openPipes(pid, numbers);
    return {
      data,
      control: { input: readerOf(controlIn), output: writerOf(controlOut) },
      stdout: readerOf(stdout),
      stderr: readerOf(stderr),
      lifeFd,
    };
  } catch (error) {
    for (const fd of fds) closeSync(fd);
    throw error;
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

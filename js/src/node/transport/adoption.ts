/**
 * Opens what another process holds, to be given to a socket, which then owns the number.
 *
 * Only in the main thread: when a thread of `worker_threads` ends, Node closes all numbers that `fs` has opened
 * there and not closed itself (`trackUnmanagedFds`). What a socket owned it has closed long before; by then
 * the number is anybody's file or connection, in any thread.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Whether sockets may be given numbers here. */
export const canAdopt = isMainThread;

/** A pipe's end in another process: its number there, and how it is opened here. */
export type PipeEnd = readonly [fd: number, mode: number];

/**
 * Opens pipes of a process, all or none.
 *
 * @throws there is no `/proc`, the process has gone, one is no pipe, or this is not the main thread
 */
export function openForSockets<const Ends extends readonly PipeEnd[]>(
  pid: number,
  ends: Ends,
): { readonly [At in keyof Ends]: number } {
  if (!canAdopt) throw new Error('A socket of this thread cannot own what was opened by number.');
  const opened: number[] = [];
  try {
    for (const [fd, mode] of ends) {
      if (!Number.isSafeInteger(fd)) throw new Error('It is no descriptor.');
      const own = openSync(`/proc/${pid}/fd/${fd}`, mode | constants.O_NONBLOCK);
      opened.push(own);
      if (!fstatSync(own).isFIFO()) throw new Error('It is no pipe.');
    }
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
  return opened as { [At in keyof Ends]: number };
}

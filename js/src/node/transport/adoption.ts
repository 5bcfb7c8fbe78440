/**
 * Opens what another process holds, to be given to a socket, which then owns the number.
 *
 * Only in the main thread: when a thread of `worker_threads` ends, Node closes all numbers that `fs` has opened
 * there and not closed itself (`trackUnmanagedFds`). What a socket owned it has closed long before; by then
 * the number is anybody's file or connection, in any thread.
 */
import { constants, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Whether sockets may be given numbers here. */
export const canAdopt = isMainThread;

/** Opens the descriptor `fd` of a process. @throws there is no `/proc`, it has gone, or this is not the main thread */
export function openForSocket(pid: number, fd: number, mode: number): number {
  if (!Number.isSafeInteger(fd)) throw new Error('It is no descriptor.');
  if (!canAdopt) throw new Error('A socket of this thread cannot own what was opened by number.');
  return openSync(`/proc/${pid}/fd/${fd}`, mode | constants.O_NONBLOCK);
}

/** Says that this process has no descriptors left, whatever it was that needed one. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

const MESSAGE =
  'it could not be given its channels, because this process has too many files open. ' +
  'Raise the limit (ulimit -n), or start fewer workers.';

export function tooManyFiles(cause?: unknown): Error {
  return new Error(MESSAGE, { cause });
}

/** Whether a failed system call tells that there are no descriptors left, here or at all. */
export function isTooManyFiles(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'EMFILE' || code === 'ENFILE';
}

/**
 * Makes sure that `count` more descriptors can be had at this moment. Node leaks the pipes of a child
 * when the descriptors run out after those: nothing can close them then.
 *
 * @throws {Error} they cannot; none is held
 */
export function requireDescriptors(count: number): void {
  const held: number[] = [];
  try {
    while (held.length < count) held.push(openSync(devNull, 'r'));
  } catch (error) {
    // Whatever else is wrong with the null device is not what was asked.
    if (isTooManyFiles(error)) throw tooManyFiles(error);
  } finally {
    for (const fd of held) closeSync(fd);
  }
}

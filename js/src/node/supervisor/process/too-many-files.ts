/** Says that this process has no descriptors left, whatever it was that needed one. */

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

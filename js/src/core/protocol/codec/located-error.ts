// What a failed encoding throws: an error that says at which place of the value it failed.

import { FrameError } from '../error-classes.js';
import { EncodeError } from '../value-errors.js';
import { pathStep, Refusal } from './refusals.js';

/** What an error shows of a path; a structure that contains itself has no end of it. */
const MAX_PATH_CHARS = 200;

/** Makes whatever was thrown on the way our error, with the path it happened at: the keys and indices from `root` on. */
export function locatedError(
  error: unknown,
  root: string,
  steps: readonly unknown[],
): EncodeError | FrameError {
  if (error instanceof FrameError) {
    return error;
  }
  const path = pathOf(root, steps);
  if (error instanceof Refusal) {
    return new EncodeError(`Cannot encode ${path}: ${error.message}.`, {
      path,
      code: error.code,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new EncodeError(`Cannot encode ${path}: reading it failed: ${reason}`, {
    path,
    cause: error,
  });
}

function pathOf(root: string, steps: readonly unknown[]): string {
  let path = root;
  for (const step of steps) {
    if (path.length > MAX_PATH_CHARS) return `${path.slice(0, MAX_PATH_CHARS)}…`;
    path += step === undefined ? '' : pathStep(step);
  }
  return path;
}

/**
 * Gives an error that came from the other end the lines of JavaScript that made the call.
 *
 * Such an error is made where its answer is read, far from the caller. After an `await` the engine
 * knows who waits; those frames replace the useless ones. It costs nothing until a call fails.
 */
import { SynapseError } from '../protocol/errors.js';

const FRAMES = /(?:\n {4}at [^\n]*)+/;
/** This function and the one that it is called from: the inside of the package. */
const OWN_FRAMES = 2;

/** To be called after an `await`, in the function that the caller awaits. */
export function withCallerStack(error: unknown): unknown {
  if (!SynapseError.is(error) || error.stack === undefined) return error;
  const frames =
    FRAMES.exec(new Error().stack ?? '')?.[0]
      .split('\n')
      .slice(1 + OWN_FRAMES) ?? [];
  const callers = frames.filter((frame) => !frame.includes('node:internal/'));
  if (callers.length > 0) {
    const stack = error.stack.replace(FRAMES, () => `\n${callers.join('\n')}`);
    Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  }
  return error;
}

/**
 * Gives an error that came from the other end the lines of JavaScript that made the call.
 *
 * Such an error is made where its answer is read, far from the caller. Who waits for a promise the
 * engine knows once it runs something for that promise; those frames replace the useless ones. It
 * costs nothing until a call fails.
 */
import { SynapseError } from '../protocol/errors.js';

const FRAMES = /(?:\n {4}at [^\n]*)+/;
/** The two functions below: the inside of the package. */
const OWN_FRAMES = 2;

/**
 * A promise that rejects with `error`, and with the lines that made the call where it came from the
 * other end. The promise that the caller awaits is to be resolved with it, at once.
 */
export async function failedCall(error: unknown): Promise<never> {
  // One turn until the caller's promise waits for this one, and one more to run on its behalf.
  await undefined;
  await undefined;
  throw withCallerStack(error);
}

function withCallerStack(error: unknown): unknown {
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

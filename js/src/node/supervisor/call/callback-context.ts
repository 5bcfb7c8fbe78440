/**
 * Which callback a call is made in, or a client closed. Python may be waiting for that callback with
 * its main thread, and then nothing but the worker that waits can be sure to run the call; and who
 * waits for the end of a client waits for the callbacks of its calls.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** A call or stream, as far as its callbacks are followed. */
export interface Caller {
  /** Functions went with it that the worker's main thread may wait for. */
  readonly waits: boolean;
  /** The callback that submitted it, if one did. */
  readonly within: CallbackContext | undefined;
  /** Its caller has had an answer. */
  readonly settled: boolean;
  /** The worker that has it. */
  readonly owner: object | undefined;
}

/** One run of a function that came with a call. */
export interface CallbackContext {
  /** The call or stream that it came with. */
  readonly task: Caller;
  /** False once the function has returned: nobody waits for what it still does. */
  running: boolean;
}

const storage = new AsyncLocalStorage<CallbackContext | undefined>();
/** How many run that are followed; while there is none, nobody pays for following them. */
let followed = 0;

/** The callback that the code at work was called in, if it has not returned. */
export function currentCallback(): CallbackContext | undefined {
  if (followed === 0) return undefined;
  const context = storage.getStore();
  return context?.running === true ? context : undefined;
}

/** Runs a function that came with `task`. */
export async function runCallbackOf(task: Caller, callback: () => unknown): Promise<unknown> {
  const context = { task, running: true };
  followed += 1;
  try {
    return await storage.run(context, callback);
  } finally {
    context.running = false;
    followed -= 1;
    if (followed === 0) storage.disable();
  }
}

/**
 * Listens to abort signals for any number of calls with one listener a signal: the platform takes
 * more than ten on one target for a leak and says so.
 */
import type { AbortSignalLike } from '../../../core/client/client.js';

interface SharedListener {
  readonly actions: Set<() => void>;
  readonly onAbort: () => void;
}

const shared = new WeakMap<AbortSignalLike, SharedListener>();

export function addAbortListener(signal: AbortSignalLike, action: () => void): void {
  let listener = shared.get(signal);
  if (listener === undefined) {
    const actions = new Set<() => void>();
    const onAbort = (): void => {
      for (const each of [...actions]) each();
    };
    signal.addEventListener('abort', onAbort);
    listener = { actions, onAbort };
    shared.set(signal, listener);
  }
  listener.actions.add(action);
}

export function removeAbortListener(signal: AbortSignalLike, action: () => void): void {
  const listener = shared.get(signal);
  if (listener === undefined) return;
  listener.actions.delete(action);
  if (listener.actions.size > 0) return;
  shared.delete(signal);
  try {
    signal.removeEventListener('abort', listener.onAbort);
  } catch (error) {
    // It may be anybody's object, and its call is answered all the same: an uncaught exception, and none of ours.
    queueMicrotask(() => {
      throw error;
    });
  }
}

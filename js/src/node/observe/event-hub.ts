/** Who listens to which event of a client. What a listener throws harms nobody but its own program. */
import type { ClientEventName, ClientEvents, ClientListener } from '../../core/client/events.js';
import { SynapseError } from '../../core/protocol/errors.js';

type Listeners = { [Name in ClientEventName]: Set<{ readonly tell: ClientListener<Name> }> };

export class EventHub {
  readonly #listeners: Listeners = {
    drain: new Set(),
    worker: new Set(),
    workerExit: new Set(),
    circuit: new Set(),
    retry: new Set(),
    timeout: new Set(),
    unresponsive: new Set(),
    recycle: new Set(),
  };

  /**
   * Tells `listener` of each event from now on; returns what takes it back.
   *
   * @throws {SynapseError} `INVALID_CONFIG` there is no such event, or it is no function
   */
  on<Name extends ClientEventName>(event: Name, listener: ClientListener<Name>): () => void {
    if (!Object.hasOwn(this.#listeners, event)) {
      const known = Object.keys(this.#listeners).sort().join(', ');
      throw invalid(`A client has no event "${String(event)}"; it has ${known}.`);
    }
    if (typeof listener !== 'function') {
      throw invalid(`The listener of "${event}" must be a function, not ${String(listener)}.`);
    }
    // An entry of its own: a function that listens twice is told twice, and can go once.
    const entry = { tell: listener };
    const listeners = this.#listeners[event];
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  /** Whether an event would reach anybody: where making it costs something, it is asked first. */
  hears(event: ClientEventName): boolean {
    return this.#listeners[event].size > 0;
  }

  emit<Name extends ClientEventName>(event: Name, told: ClientEvents[Name]): void {
    const listeners = this.#listeners[event];
    if (listeners.size === 0) return;
    for (const { tell } of [...listeners]) {
      try {
        tell(told);
      } catch (error) {
        // As if it had been called by the event loop: an uncaught exception, and none of ours.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function invalid(message: string): SynapseError {
  return new SynapseError('INVALID_CONFIG', message);
}

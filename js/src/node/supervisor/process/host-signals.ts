/**
 * SIGINT and SIGTERM of this process, for clients that asked to be closed before it ends by them:
 * all of them are, at the same time, then the signal takes its course. One more signal meanwhile
 * ends their workers at once. Threads hear no signals: a client in one has none to handle.
 */
import { isMainThread } from 'node:worker_threads';

/** What a signal closes. */
export interface Closable {
  /** Ends in order: lets what runs finish. */
  close(): Promise<void>;
  /** Ends at once. */
  terminate(): Promise<void>;
}

/** The host's end of signals; a test passes its own. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  listenerCount(signal: NodeJS.Signals): number;
  kill(pid: number, signal: NodeJS.Signals): unknown;
  readonly pid: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class HostSignals {
  readonly #host: SignalSource;
  readonly #clients = new Set<Closable>();
  /** A signal came, and what it closes has not all closed yet. */
  #ending = false;

  constructor(host: SignalSource) {
    this.#host = host;
  }

  /** Closes `client` when a signal comes; returns what takes that back, for when it has closed. */
  register(client: Closable): () => void {
    if (this.#clients.size === 0 && !this.#ending) {
      for (const signal of SIGNALS) this.#host.on(signal, this.#onSignal);
    }
    this.#clients.add(client);
    return () => {
      if (this.#clients.delete(client) && this.#clients.size === 0) this.#stopListening();
    };
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#ending) for (const client of this.#clients) void client.terminate();
    else void this.#end(signal);
  };

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#ending = true;
    while (this.#clients.size > 0) {
      const clients = [...this.#clients];
      // How closing went is told to whoever else closes them; a signal has nobody to tell.
      await Promise.allSettled(clients.map((client) => client.close()));
      for (const client of clients) this.#clients.delete(client);
    }
    this.#ending = false;
    this.#stopListening();
    // With no listener left it ends the process, as if nobody had listened. Others have heard it
    // too, and whether the process ends is theirs to say.
    if (this.#host.listenerCount(signal) === 0) this.#host.kill(this.#host.pid, signal);
  }

  #stopListening(): void {
    // While clients are being closed, another signal must not end the process early.
    if (this.#ending) return;
    for (const signal of SIGNALS) this.#host.off(signal, this.#onSignal);
  }
}

const hostSignals = new HostSignals(process);

/** Closes `client` when this process is told to end; returns what takes that back. */
export function closeOnSignals(client: Closable): () => void {
  return isMainThread ? hostSignals.register(client) : () => undefined;
}

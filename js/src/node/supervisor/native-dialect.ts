/** How the supervisor runs native workers: a peer, ready at its HELLO, each call cancellable. */
import type { WorkerHello } from '../../core/peer/hello.js';
import { Peer } from '../../core/peer/peer.js';
import type { SynapseError } from '../../core/protocol/errors.js';
import type { Transport } from '../../core/transport.js';
import { VERSION } from '../../core/version.js';
import type { Connection, ConnectionEvents, Dialect } from './connection.js';

export class NativeConnection implements Connection {
  readonly peer: Peer;
  #hello: WorkerHello | undefined;

  constructor(transport: Transport, events: ConnectionEvents) {
    this.peer = new Peer(
      transport,
      { runtime: VERSION, languageVersion: process.versions.node },
      {
        onDrain: () => events.onDrain(),
        onClosed: (reason) => events.onClosed(reason),
        onLog: ({ record }) => events.onLog(record),
      },
    );
  }

  get congested(): boolean {
    return this.peer.congested;
  }

  /** How the worker runs a method; one it does not have is answered in order, like a sync one. */
  modeOf(method: string): 'sync' | 'async' {
    return this.#hello?.methods.get(method)?.mode ?? 'sync';
  }

  /** Whether the worker's main thread may wait for functions or streams that went with this request. */
  waitsFor(method: string, id: number): boolean {
    return this.peer.sentReferences(id) && this.modeOf(method) === 'sync';
  }

  async greeted(): Promise<void> {
    this.#hello = await this.peer.ready;
  }

  drain(): void {
    this.peer.drain();
  }

  close(reason?: SynapseError): void {
    this.peer.close(reason);
  }
}

export const nativeDialect: Dialect<NativeConnection> = {
  name: 'native',
  cancellable: true,
  open: (transport, events) => new NativeConnection(transport, events),
  ready: (connection) => connection.greeted(),
  unbegun: ({ peer }, id) => peer.undelivered(id),
  // Exceptions of methods are answers; one that ends the whole worker is not the call's own.
  crashError: () => undefined,
};

/** How the supervisor runs raw scripts: one request at a time, ready at the script's first read. */
import { RawPeer } from '../../../core/peer/raw-peer.js';
import { PythonError, type SynapseError } from '../../../core/protocol/errors.js';
import type { Transport } from '../../../core/transport.js';
import type { Connection, ConnectionEvents, Dialect } from './connection.js';

export class RawConnection implements Connection {
  readonly peer: RawPeer;
  /** Rejects when the script breaks the protocol. */
  readonly broken: Promise<never>;
  #fail!: (reason: SynapseError) => void;

  constructor(transport: Transport, events: ConnectionEvents) {
    this.broken = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.peer = new RawPeer(transport, {
      onDrain: () => events.onDrain(),
      onPartialFrame: () => events.onPartialFrame(),
      onClosed: (reason) => {
        // No call may be there to be told.
        if (reason.code === 'PROTOCOL_ERROR') {
          events.onWarning(reason.message);
          this.#fail(reason);
        }
        events.onClosed(reason);
      },
    });
    this.broken.catch(() => undefined);
  }

  get receivedBytes(): number {
    return this.peer.receivedBytes;
  }

  get unfinishedBytes(): number {
    return this.peer.unfinishedBytes;
  }

  /** One request in flight: the next waits in the pool's queue, where it can still move. */
  get congested(): boolean {
    return this.peer.busy || this.peer.congested;
  }

  drain(): void {
    this.peer.drain();
  }

  close(reason?: SynapseError): void {
    this.peer.close(reason);
  }
}

export const rawDialect: Dialect<RawConnection> = {
  name: 'raw',
  cancellable: false,
  open: (transport, events) => new RawConnection(transport, events),
  ready: (connection, announced) => Promise.race([announced, connection.broken]),
  unbegun: ({ peer }, _id, lastRead) =>
    peer.undelivered ||
    (lastRead?.consumedBytes !== undefined && lastRead.consumedBytes <= peer.requestStart),
  crashError(crash) {
    if (!(crash instanceof PythonError)) return undefined;
    const { details, pythonType, pythonModule, traceback, notes, cause } = crash;
    return new PythonError(`${pythonType}: ${crash.message}\n\n${traceback.trimEnd()}`, {
      ...{ code: 'PYTHON_EXCEPTION', details, pythonType, pythonModule, traceback, notes, cause },
    });
  },
};

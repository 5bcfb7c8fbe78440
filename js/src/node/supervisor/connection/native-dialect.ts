/** How the supervisor runs native workers: a peer, ready at its HELLO, each call cancellable. */
import { NameMap } from '../../../core/name-map.js';
import { ALL_ABILITIES } from '../../../core/peer/all-abilities.js';
import type { WorkerHello } from '../../../core/peer/hello.js';
import { Peer } from '../../../core/peer/peer.js';
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { Transport } from '../../../core/transport.js';
import { VERSION } from '../../../core/version.js';
import type { TraceableTask } from '../../observe/call-tracer.js';
import { traceIdOf } from '../../observe/trace-context.js';
import type { Connection, ConnectionEvents, Dialect } from './connection.js';
import type { LogOrigin } from './log-record.js';

export class NativeConnection implements Connection {
  readonly peer: Peer;
  readonly #transport: Transport;
  #hello: WorkerHello | undefined;
  readonly #modes = new NameMap<'sync' | 'async'>();

  constructor(transport: Transport, events: ConnectionEvents) {
    this.#transport = transport;
    this.peer = new Peer(
      transport,
      { runtime: VERSION, languageVersion: process.versions.node },
      {
        onDrain: () => events.onDrain(),
        onPartialFrame: () => events.onPartialFrame(),
        onClosed: (reason) => events.onClosed(reason),
        onLog: ({ id, record, sink }) => events.onLog(record, originOf(id, sink)),
      },
      undefined,
      ALL_ABILITIES,
    );
  }

  get receivedBytes(): number {
    return this.peer.receivedBytes + (this.#transport.shared?.incoming.askedBytes ?? 0);
  }

  get unfinishedBytes(): number {
    return this.peer.unfinishedBytes;
  }

  get congested(): boolean {
    return this.peer.congested;
  }

  get methods(): WorkerHello['methods'] | undefined {
    return this.#hello?.methods;
  }

  /** How the worker runs a method; one it does not have is answered in order, like a sync one. */
  modeOf(method: string): 'sync' | 'async' {
    return this.#modes.get(method) ?? 'sync';
  }

  async greeted(): Promise<void> {
    this.#hello = await this.peer.ready;
    for (const [name, { mode }] of this.#hello.methods) this.#modes.set(name, mode);
  }

  forget(id: number): void {
    this.peer.forget(id);
  }

  drain(): void {
    this.peer.drain();
  }

  close(reason?: SynapseError): void {
    this.peer.close(reason);
  }
}

/** The call that a LOG message is of, as far as it is known: it may have ended. */
function originOf(callId: number, sink: object | undefined): LogOrigin | undefined {
  if (callId === 0) return undefined;
  // Whoever waits for answers on connections of this dialect is a task.
  const task = sink as TraceableTask | undefined;
  return { callId, method: task?.method, traceId: traceIdOf(task?.meta) };
}

export const nativeDialect: Dialect<NativeConnection> = {
  name: 'native',
  cancellable: true,
  open: (transport, events) => new NativeConnection(transport, events),
  ready: (connection) => connection.greeted(),
  unbegun: ({ peer }, id, lastRead) =>
    peer.undelivered(id) || (lastRead?.lastId !== undefined && id > lastRead.lastId),
  // Exceptions of methods are answers; one that ends the whole worker is not the call's own.
  crashError: () => undefined,
};

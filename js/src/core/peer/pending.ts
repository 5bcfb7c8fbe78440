/**
 * Who waits for which id: the calls and streams of one connection that have not ended. It tells a
 * late answer, which is dropped, from one to what was never asked, which breaks the protocol.
 */
import { ProtocolError, type SynapseError } from '../protocol/errors.js';
import { Kind, kindName } from '../protocol/kinds.js';
import type { Table } from './id-table.js';
import type { CallSink, StreamSink } from './sinks.js';

interface OpenStream {
  readonly sink: StreamSink;
  /** Items the callee may still send. */
  credit: number;
}

export class PendingReplies {
  readonly #calls: Table<CallSink>;
  readonly #streams = new Map<number, OpenStream>();
  readonly #onEnded: (id: number) => void;
  #lastId = 0;

  constructor(onEnded: (id: number) => void, calls: Table<CallSink> = new Map()) {
    this.#onEnded = onEnded;
    this.#calls = calls;
  }

  /** The last id that was issued. */
  get lastId(): number {
    return this.#lastId;
  }

  /** How many calls and streams have not ended. */
  get size(): number {
    return this.#calls.size + this.#streams.size;
  }

  has(id: number): boolean {
    return this.#calls.has(id) || this.#streams.has(id);
  }

  /** Whoever waits for `id`; undefined when it has ended. */
  find(id: number): CallSink | StreamSink | undefined {
    return this.#calls.get(id) ?? this.#streams.get(id)?.sink;
  }

  addCall(id: number, sink: CallSink): void {
    this.#lastId = id;
    this.#calls.set(id, sink);
  }

  addStream(id: number, sink: StreamSink, credit: number): void {
    this.#lastId = id;
    this.#streams.set(id, { sink, credit });
  }

  /** Notes that a stream may send `items` more; false when it has ended. */
  grant(id: number, items: number): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    stream.credit += items;
    return true;
  }

  /** The stream that `items` came for, its credit charged; undefined when they are late. */
  charge(id: number, items: number): StreamSink | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.takeStream(id, Kind.Items);
    stream.credit -= items;
    if (stream.credit < 0) {
      throw new ProtocolError(`Stream ${id} sent more items than it had credit for.`);
    }
    return stream.sink;
  }

  /** Whoever is told of progress on `id`; undefined when it has ended. */
  sink(id: number, kind: Kind): CallSink | StreamSink | undefined {
    const sink = this.find(id);
    if (sink === undefined) this.#checkLate(id, kind);
    return sink;
  }

  takeCall(id: number, kind: Kind): CallSink | undefined {
    const sink = this.#calls.get(id);
    if (sink === undefined) {
      if (this.#streams.has(id))
        throw new ProtocolError(`${kindName(kind)} for ${id}, which is a stream.`);
      this.#checkLate(id, kind);
      return undefined;
    }
    this.#calls.delete(id);
    this.#onEnded(id);
    return sink;
  }

  takeStream(id: number, kind: Kind): StreamSink | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (this.#calls.has(id))
        throw new ProtocolError(`${kindName(kind)} for ${id}, which is a call.`);
      this.#checkLate(id, kind);
      return undefined;
    }
    this.#streams.delete(id);
    this.#onEnded(id);
    return stream.sink;
  }

  /** Takes out whoever a message of this kind is about; of some kinds that may be either. */
  take(id: number, kind: Kind): CallSink | StreamSink | undefined {
    const ofStream = kind === Kind.Items || (kind !== Kind.Result && this.#streams.has(id));
    return ofStream ? this.takeStream(id, kind) : this.takeCall(id, kind);
  }

  /** Forgets whoever waits for `id`; an answer that comes all the same is late. */
  forget(id: number): void {
    this.#calls.delete(id);
    this.#streams.delete(id);
    this.#onEnded(id);
  }

  /** Tells all of them, in the order they were made, that the connection is lost. */
  lose(reason: SynapseError): void {
    const lost = [...this.#calls, ...this.#streams].sort(([a], [b]) => a - b);
    this.#calls.clear();
    this.#streams.clear();
    for (const [, pending] of lost) ('sink' in pending ? pending.sink : pending).onLost(reason);
  }

  /** A reply to what has ended is late and dropped; one to what never was is a violation. */
  #checkLate(id: number, kind: Kind): void {
    if (id > this.#lastId || id < 1) throw unissued(kind, id);
  }
}

export function unissued(kind: Kind, id: number): ProtocolError {
  return new ProtocolError(`${kindName(kind)} for id ${id}, which was never issued.`);
}

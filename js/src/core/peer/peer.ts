/**
 * A running native connection over a transport: handshake, calls, streams under credit, progress,
 * and an answer to every misuse. It implements the caller's part of docs/protocol.md; a call made
 * by the other end is answered `METHOD_NOT_FOUND`, since this end serves no methods yet.
 *
 * It knows no processes, timers or retries: whoever owns it decides when to give up.
 */
import { ClosedError } from '../errors.js';
import { errorFromWire, ProtocolError, SynapseError } from '../protocol/errors.js';
import { FrameDecoder } from '../protocol/frames.js';
import { limits } from '../protocol/limits.js';
import {
  decodeMessage,
  Kind,
  kindName,
  type Message,
  MessageWriter,
} from '../protocol/messages.js';
import type { Transport } from '../transport.js';
import { type ClientHello, helloBody, readHello, type WorkerHello } from './hello.js';
import type { CallSink, StreamSink } from './sinks.js';

export interface LogMessage {
  /** The call or stream it belongs to; 0 when it belongs to none. */
  readonly id: number;
  readonly record: Record<string, unknown>;
}

export interface PeerEvents {
  readonly onLog?: (log: LogMessage) => void;
  /** The transport has room again after `congested`. */
  readonly onDrain?: () => void;
  /** The connection is over; every pending call has been told `onLost` before. Told once. */
  readonly onClosed?: (reason: SynapseError) => void;
}

/** Bytes written in one turn, not yet handed on, above which a peer calls itself congested. */
const MAX_UNFLUSHED_BYTES = 1024 * 1024;

type PeerState = 'expect-hello' | 'open' | 'draining' | 'closed';

interface OpenStream {
  readonly sink: StreamSink;
  /** Items the callee may still send. */
  credit: number;
}

export class Peer {
  /** The other end's HELLO; rejects when the connection ends before it came. */
  readonly ready: Promise<WorkerHello>;

  readonly #transport: Transport;
  readonly #events: PeerEvents;
  #writer: MessageWriter;
  readonly #decoder: FrameDecoder;
  readonly #maxFrameBytes: number;
  readonly #calls = new Map<number, CallSink>();
  readonly #streams = new Map<number, OpenStream>();
  #state: PeerState = 'expect-hello';
  #lastId = 0;
  #lastRemoteId = 0;
  #flushing = false;
  /** The last id that has been handed to the transport. */
  #flushedId = 0;
  #undeliveredFrom = Number.POSITIVE_INFINITY;
  #resolveReady!: (hello: WorkerHello) => void;
  #rejectReady!: (reason: SynapseError) => void;

  constructor(
    transport: Transport,
    hello: ClientHello,
    events: PeerEvents = {},
    maxFrameBytes: number = limits.maxFrameBytes,
  ) {
    this.#transport = transport;
    this.#events = events;
    this.#maxFrameBytes = maxFrameBytes;
    this.#writer = new MessageWriter({ maxFrameBytes });
    this.#decoder = new FrameDecoder(maxFrameBytes);
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Whoever waits for it still sees the rejection; a peer nobody waits for must not crash the host.
    this.ready.catch(() => undefined);
    transport.open({
      onBytes: (chunk) => this.#receive(chunk),
      onDrain: () => this.#events.onDrain?.(),
      onClose: (error) => this.#lose(error),
    });
    this.#writer.hello(helloBody(hello, { maxFrameBytes, maxDepth: limits.maxDepth }));
    this.#flushSoon();
  }

  get state(): PeerState {
    return this.#state;
  }

  /** Whether new calls had better wait: the other end is slow to take what was sent. */
  get congested(): boolean {
    return this.#writer.pendingBytes >= MAX_UNFLUSHED_BYTES || this.#transport.congested;
  }

  /** How many calls and streams have not ended. */
  get pendingCount(): number {
    return this.#calls.size + this.#streams.size;
  }

  /** Whether it is certain that the other end never got this call. */
  undelivered(id: number): boolean {
    return id >= this.#undeliveredFrom;
  }

  /** Sends a call and returns its id. @throws {EncodeError} and sends nothing of it. */
  call(method: string, args: unknown[], kwargs: Record<string, unknown>, sink: CallSink): number {
    const id = this.#nextId();
    this.#writer.call(id, method, args, kwargs, sink.onProgress !== undefined);
    this.#lastId = id;
    this.#calls.set(id, sink);
    this.#flushSoon();
    return id;
  }

  /** Opens a stream with `credit` items and returns its id. @throws {EncodeError} */
  open(
    method: string,
    args: unknown[],
    kwargs: Record<string, unknown>,
    credit: number,
    sink: StreamSink,
  ): number {
    const id = this.#nextId();
    this.#writer.open(id, method, args, kwargs, credit, sink.onProgress !== undefined);
    this.#lastId = id;
    this.#streams.set(id, { sink, credit });
    this.#flushSoon();
    return id;
  }

  /** Allows a stream `items` more; nothing happens once it has ended. */
  grant(id: number, items: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.credit += items;
    this.#writer.credit(id, items);
    this.#flushSoon();
  }

  /** Asks the callee to stop; its answer (often `CALL_CANCELLED`) still comes. */
  cancel(id: number): void {
    if (!this.#calls.has(id) && !this.#streams.has(id)) return;
    this.#writer.cancel(id);
    this.#flushSoon();
  }

  /** Says that no new calls will come; the worker finishes what runs, then closes. */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#writer.drain();
    this.#flushSoon();
  }

  /** Ends the connection now; everything pending is lost. */
  close(reason: SynapseError = new ClosedError('The connection was closed.')): void {
    this.#shut(reason);
    this.#transport.destroy();
  }

  #nextId(): number {
    if (this.#state !== 'open') {
      throw new ClosedError(`The connection takes no calls (it is ${this.#state}).`);
    }
    return this.#lastId + 1;
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#transport.defer(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    if (this.#writer.pendingBytes === 0) return;
    const writer = this.#writer;
    const bytes = writer.take();
    const firstId = this.#flushedId + 1;
    this.#flushedId = this.#lastId;
    this.#transport.send(bytes, (undelivered) => {
      writer.release(bytes);
      if (undelivered && firstId < this.#undeliveredFrom) this.#undeliveredFrom = firstId;
    });
  };

  #receive(chunk: Uint8Array): void {
    if (this.#state === 'closed') return;
    try {
      this.#decoder.feed(chunk, this.#onPayload);
    } catch (error) {
      this.#fail(SynapseError.is(error) ? error : new ProtocolError(String(error)));
    }
  }

  readonly #onPayload = (payload: Uint8Array): void => {
    if (this.#state !== 'closed') this.#handle(decodeMessage(payload), payload.length);
  };

  #handle(message: Message, payloadBytes: number): void {
    if (this.#state === 'expect-hello' && message.kind !== Kind.Fail) {
      this.#greet(message);
      return;
    }
    switch (message.kind) {
      case Kind.Result:
        this.#takeCall(message.id, 'RESULT')?.onResult(message.value);
        return;
      case Kind.Error:
        this.#takeEither(message.id, 'ERROR')?.onError(errorFromWire(message.error));
        return;
      case Kind.Items:
        this.#items(message.id, message.items, payloadBytes);
        return;
      case Kind.End:
        this.#takeStream(message.id, 'END')?.onEnd();
        return;
      case Kind.Progress:
        this.#progress(message.id, message.value);
        return;
      case Kind.Log:
        this.#events.onLog?.({ id: message.id, record: message.record });
        return;
      case Kind.Ping:
        this.#writer.pong(message.value);
        this.#flushSoon();
        return;
      case Kind.Fail:
        this.#shut(errorFromWire(message.error));
        this.#transport.end();
        return;
      case Kind.Call:
      case Kind.Open:
        this.#refuseCall(message.id, message.method);
        return;
      case 'undecodable':
        this.#undecodable(message.of, message.id, message.error);
        return;
      case Kind.Hello:
      case Kind.Drain:
        throw new ProtocolError(`Unexpected ${kindName(message.kind)} from the worker.`);
      // Calls of the worker's are answered at once, so neither a cancel nor credit finds one open.
      case Kind.Credit:
        if (message.id > this.#lastRemoteId) throw unissued('CREDIT', message.id);
        return;
      case Kind.Cancel:
      case Kind.Pong:
      case 'ignored':
        return;
    }
  }

  #greet(message: Message): void {
    if (message.kind === 'ignored') return;
    if (message.kind !== Kind.Hello) {
      const kind = message.kind === 'undecodable' ? message.of : message.kind;
      throw new ProtocolError(`Expected HELLO first, got ${kindName(kind)}.`);
    }
    const hello = readHello(message.body);
    if (hello.maxFrameBytes < this.#maxFrameBytes) {
      // Nothing larger than the other end takes is ever sent; what waits was written before.
      this.#flush();
      this.#writer = new MessageWriter({ maxFrameBytes: hello.maxFrameBytes });
    }
    this.#state = 'open';
    this.#resolveReady(hello);
  }

  #items(id: number, items: readonly unknown[], payloadBytes: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#takeStream(id, 'ITEMS');
      return;
    }
    stream.credit -= items.length;
    if (stream.credit < 0) {
      throw new ProtocolError(`Stream ${id} sent more items than it had credit for.`);
    }
    stream.sink.onItems(items, payloadBytes);
  }

  #progress(id: number, value: unknown): void {
    const sink = this.#calls.get(id) ?? this.#streams.get(id)?.sink;
    if (sink === undefined) this.#checkLate(id, 'PROGRESS');
    else sink.onProgress?.(value);
  }

  #refuseCall(id: number, method: string): void {
    if (id <= this.#lastRemoteId) {
      throw new ProtocolError(`Call id ${id} is not above the last one, ${this.#lastRemoteId}.`);
    }
    this.#lastRemoteId = id;
    const message = `This end serves no methods; it cannot call "${method}".`;
    this.#writer.error(id, new SynapseError('METHOD_NOT_FOUND', message));
    this.#flushSoon();
  }

  /** One body did not decode: it costs that call, not the connection. */
  #undecodable(of: number, id: number, error: SynapseError): void {
    switch (of) {
      case Kind.Result:
        this.#takeCall(id, 'RESULT')?.onError(error);
        return;
      case Kind.Error:
        this.#takeEither(id, 'ERROR')?.onError(error);
        return;
      case Kind.Items:
        this.cancel(id);
        this.#takeStream(id, 'ITEMS')?.onError(error);
        return;
      case Kind.Progress:
        this.cancel(id);
        this.#takeEither(id, 'PROGRESS')?.onError(error);
        return;
      case Kind.Call:
      case Kind.Open:
        if (id <= this.#lastRemoteId) throw new ProtocolError(`Call id ${id} was used before.`);
        this.#lastRemoteId = id;
        this.#writer.error(id, error);
        this.#flushSoon();
        return;
      // A log record nobody can read is not worth a connection.
      case Kind.Log:
        return;
      default:
        throw new ProtocolError(`The body of a ${kindName(of)}: ${error.message}`);
    }
  }

  #takeCall(id: number, what: string): CallSink | undefined {
    const sink = this.#calls.get(id);
    if (sink === undefined) {
      if (this.#streams.has(id)) throw new ProtocolError(`${what} for ${id}, which is a stream.`);
      this.#checkLate(id, what);
      return undefined;
    }
    this.#calls.delete(id);
    return sink;
  }

  #takeStream(id: number, what: string): StreamSink | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (this.#calls.has(id)) throw new ProtocolError(`${what} for ${id}, which is a call.`);
      this.#checkLate(id, what);
      return undefined;
    }
    this.#streams.delete(id);
    return stream.sink;
  }

  #takeEither(id: number, what: string): CallSink | StreamSink | undefined {
    return this.#streams.has(id) ? this.#takeStream(id, what) : this.#takeCall(id, what);
  }

  /** A reply to what has ended is late and dropped; one to what never was is a violation. */
  #checkLate(id: number, what: string): void {
    if (id > this.#lastId || id < 1) throw unissued(what, id);
  }

  /** Tells the other end what it did wrong, then closes. */
  #fail(reason: SynapseError): void {
    if (this.#state === 'closed') return;
    try {
      this.#writer.fail(reason);
    } catch {
      // It does not fit a frame the other end takes; then the end of the stream has to say it.
    }
    this.#flush();
    this.#shut(reason);
    this.#transport.end();
  }

  #lose(error: Error | undefined): void {
    if (this.#state === 'closed') return;
    try {
      this.#decoder.end();
      this.#shut(new ClosedError('The connection was lost.', error));
    } catch (truncated) {
      this.#shut(truncated as SynapseError);
    }
  }

  #shut(reason: SynapseError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#rejectReady(reason);
    const lost = [...this.#calls.entries(), ...this.#streams.entries()].sort(([a], [b]) => a - b);
    this.#calls.clear();
    this.#streams.clear();
    for (const [, pending] of lost) ('sink' in pending ? pending.sink : pending).onLost(reason);
    this.#events.onClosed?.(reason);
  }
}

function unissued(what: string, id: number): ProtocolError {
  return new ProtocolError(`${what} for id ${id}, which was never issued.`);
}

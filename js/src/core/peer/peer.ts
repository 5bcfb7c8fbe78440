/**
 * A running native connection over a transport: handshake, calls, streams under credit, progress,
 * and an answer to every misuse. It implements the caller's part of docs/protocol.md; calls made by the
 * other end are for `serving`, where it has that ability.
 * How messages leave, with their segments, is the outbox' business; how they come, in slices where they
 * are large, the frame reader's. What each kind of message means stands here, in one piece.
 *
 * It knows no processes, timers or retries: whoever owns it decides when to give up.
 */
import { ClosedError } from '../errors.js';
import { NO_EXTENSIONS } from '../protocol/codec/extension-tables.js';
import { errorFromWire, ProtocolError, SynapseError } from '../protocol/errors.js';
import * as limits from '../protocol/limits.js';
import {
  type EncodedArguments,
  Kind,
  kindName,
  type Message,
  MessageWriter,
  unexpected,
} from '../protocol/messages.js';
import { takesSegments } from '../protocol/segments.js';
import type { Transport } from '../transport.js';
import type { Abilities } from './abilities.js';
import { FrameReader } from './frame-reader.js';
import { type ClientHello, helloBody, readHello, SEGMENTS, type WorkerHello } from './hello.js';
import { Outbox } from './outbox.js';
import { PendingReplies } from './pending.js';
import type { Serving } from './serving.js';
import type { CallSink, StreamSink } from './sinks.js';

export interface LogMessage {
  /** The call or stream it belongs to; 0 when it belongs to none. */
  readonly id: number;
  readonly record: Record<string, unknown>;
  /** Who waits for that call or stream; undefined when it has ended. */
  readonly sink: CallSink | StreamSink | undefined;
}

export interface PeerEvents {
  readonly onLog?: (log: LogMessage) => void;
  /** The transport has room again after `congested`. */
  readonly onDrain?: () => void;
  /** What has arrived ends within a frame. Told often: with each chunk of a large one. */
  readonly onPartialFrame?: () => void;
  /** The connection is over; every pending call has been told `onLost` before. Told once. */
  readonly onClosed?: (reason: SynapseError) => void;
}

/** What a worker's HELLO says that takes `meta` and answers the timing flag. */
const EXTRAS = ['trace', 'timing'] as const;

type PeerState = 'expect-hello' | 'open' | 'draining' | 'closed';

export class Peer {
  /** The other end's HELLO; rejects when the connection ends before it came. */
  readonly ready: Promise<WorkerHello>;

  readonly #transport: Transport;
  readonly #events: PeerEvents;
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;
  readonly #pending: PendingReplies;
  readonly #shapes: Abilities['shapes'];
  readonly #segments: Abilities['segments'];
  readonly #serving: Serving | undefined;
  #state: PeerState = 'expect-hello';
  /** The other end takes words about calls, and tells how long they ran. */
  #hearsExtras = false;
  #resolveReady!: (hello: WorkerHello) => void;
  #rejectReady!: (reason: SynapseError) => void;

  constructor(
    transport: Transport,
    hello: ClientHello,
    events: PeerEvents = {},
    maxFrameBytes: number = limits.maxFrameBytes,
    abilities: Abilities = {},
  ) {
    const { extensions = NO_EXTENSIONS, serving, slices } = abilities;
    this.#transport = transport;
    this.#events = events;
    this.#shapes = abilities.shapes;
    this.#pending = new PendingReplies((id) => this.#serving?.release(id), abilities.calls?.());
    this.#segments = serving && takesSegments(maxFrameBytes) ? abilities.segments : undefined;
    this.#outbox = new Outbox(
      transport,
      this.#pending,
      maxFrameBytes,
      (most) => {
        const writerLimits = { maxFrameBytes: most, extensions };
        return serving?.writer(writerLimits) ?? new MessageWriter(writerLimits);
      },
      this.#segments?.send,
    );
    this.#serving = serving?.serve({
      extensions,
      pending: this.#pending,
      outbox: this.#outbox,
      transport,
      log: (id, record) => this.#tellLog(id, record),
    });
    const decoding = {
      known: { extensions, readRequest: serving?.readRequest },
      slices,
      segments: this.#segments,
    };
    this.#reader = new FrameReader(transport, maxFrameBytes, decoding, {
      message: (message, payloadBytes) => this.#handle(message, payloadBytes),
      partialFrame: () => this.#events.onPartialFrame?.(),
      broken: (error) =>
        this.#fail(SynapseError.is(error) ? error : new ProtocolError(String(error))),
    });
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Whoever waits for it still sees the rejection; a peer nobody waits for must not crash the host.
    this.ready.catch(() => undefined);
    transport.open({
      onBytes: (chunk) => this.#reader.feed(chunk),
      vacancy: () => this.#reader.vacancy,
      onDrain: () => this.#events.onDrain?.(),
      onClose: (error) => this.#lose(error),
    });
    this.#outbox.writer.hello(
      helloBody(hello, this.#segments?.capabilities(transport) ?? [], {
        maxFrameBytes,
        maxDepth: limits.maxDepth,
      }),
    );
    this.#outbox.flushSoon();
  }

  get state(): PeerState {
    return this.#state;
  }

  /** Whether new calls had better wait: the other end is slow to take what was sent. */
  get congested(): boolean {
    return this.#outbox.congested;
  }

  /** All bytes that have come so far. */
  get receivedBytes(): number {
    return this.#reader.receivedBytes;
  }

  /** How many of the last of them are of a frame that is not whole. */
  get unfinishedBytes(): number {
    return this.#reader.unfinishedBytes;
  }

  /** How many calls and streams have not ended. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Whether it is certain that the other end never got this call. */
  undelivered(id: number): boolean {
    return this.#outbox.undelivered(id);
  }

  /**
   * Sends a call and returns its id.
   *
   * @param args what goes by position; or both that and what goes by name, encoded already
   * @throws {EncodeError} and sends nothing of it.
   */
  call(
    method: string,
    args: readonly unknown[] | EncodedArguments,
    kwargs: Readonly<Record<string, unknown>> | undefined,
    sink: CallSink,
  ): number {
    return this.#request(method, args, kwargs, sink, undefined);
  }

  /** As `call`, opens a stream with `credit` items. @throws {EncodeError} */
  open(
    method: string,
    args: readonly unknown[] | EncodedArguments,
    kwargs: Readonly<Record<string, unknown>> | undefined,
    credit: number,
    sink: StreamSink,
  ): number {
    return this.#request(method, args, kwargs, sink, credit);
  }

  /** Whether functions or streams travelled with the call or stream that was just sent. */
  sentReferences(id: number): boolean {
    return this.#serving?.references.cameWith(id) === true;
  }

  /** Allows a stream `items` more; nothing happens once it has ended. */
  grant(id: number, items: number): void {
    if (!this.#pending.grant(id, items)) return;
    this.#outbox.writer.credit(id, items);
    this.#outbox.flushSoon();
  }

  /** Asks the callee to stop; its answer (often `CALL_CANCELLED`) still comes. */
  cancel(id: number): void {
    if (!this.#pending.has(id)) return;
    this.#outbox.writer.cancel(id);
    this.#outbox.flushSoon();
  }

  /** Takes back a call or stream that will not begin there; what comes for it is late. */
  forget(id: number): void {
    this.#pending.forget(id);
  }

  /** Says that no new calls will come; the worker finishes what runs, then closes. */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#outbox.writer.drain();
    this.#outbox.flushSoon();
  }

  /** Ends the connection now; everything pending is lost. */
  close(reason: SynapseError = new ClosedError('The connection was closed.')): void {
    this.#reader.finish(); // an answer that has come counts, however its worker fares
    this.#shut(reason);
    this.#transport.destroy();
  }

  /** Sends a call, or with `credit` opens a stream. */
  #request(
    method: string,
    args: readonly unknown[] | EncodedArguments,
    kwargs: Readonly<Record<string, unknown>> | undefined,
    sink: CallSink | StreamSink,
    credit: number | undefined,
  ): number {
    if (this.#state !== 'open') {
      throw new ClosedError(`The connection takes no calls (it is ${this.#state}).`);
    }
    const id = this.#pending.lastId + 1;
    const { writer } = this.#outbox;
    const references = this.#serving?.references;
    // What the callee is asked and told beside the arguments: a sink says it, and an old callee hears less.
    const extras = this.#hearsExtras ? sink : { onProgress: sink.onProgress };
    try {
      writer.request(id, method, args, kwargs, credit, extras, references);
    } catch (error) {
      this.#serving?.release(id);
      throw error;
    }
    if (credit === undefined) this.#pending.addCall(id, sink as CallSink);
    else this.#pending.addStream(id, sink as StreamSink, credit);
    this.#outbox.flushSoon();
    return id;
  }

  #tellLog(id: number, record: Record<string, unknown>): void {
    this.#events.onLog?.({ id, record, sink: this.#pending.find(id) });
  }

  #handle(message: Message, payloadBytes: number): void {
    if (this.#state === 'expect-hello' && message.kind !== Kind.Fail) {
      this.#greet(message);
      return;
    }
    switch (message.kind) {
      case Kind.Result:
        this.#pending
          .takeCall(message.id, Kind.Result)
          ?.onResult(message.value, message.hasBigInt, message.runNs);
        return;
      case Kind.Error:
        this.#pending.take(message.id, Kind.Error)?.onError(errorFromWire(message.error));
        return;
      case Kind.Items:
        this.#pending
          .charge(message.id, message.items.length)
          ?.onItems(message.items, payloadBytes, message.hasBigInt);
        return;
      case Kind.End:
        this.#pending.takeStream(message.id, Kind.End)?.onEnd();
        return;
      case Kind.Progress:
        this.#pending.sink(message.id, Kind.Progress)?.onProgress?.(message.value);
        return;
      case Kind.Log:
        this.#tellLog(message.id, message.record);
        return;
      case Kind.Ping:
        this.#outbox.writer.pong(message.value);
        this.#outbox.flushSoon();
        return;
      case Kind.Fail:
        this.#shut(errorFromWire(message.error));
        this.#transport.end();
        return;
      case 'undecodable':
        this.#undecodable(message.of, message.id, message.error);
        return;
      case Kind.Pong:
      case 'ignored':
        return;
      case Kind.Hello:
      case Kind.Drain:
        throw unexpected(message.kind);
      default:
        this.#servingFor(message.kind).take(message);
    }
  }

  /** Who does what the other end asks. */
  #servingFor(kind: Kind): Serving {
    if (this.#serving === undefined) throw unexpected(kind);
    return this.#serving;
  }

  #greet(message: Message): void {
    if (message.kind === 'ignored') return;
    if (message.kind !== Kind.Hello) {
      const kind = message.kind === 'undecodable' ? message.of : message.kind;
      throw new ProtocolError(`Expected HELLO first, got ${kindName(kind)}.`);
    }
    const hello = readHello(message.body, this.#shapes);
    this.#outbox.limitTo(hello.maxFrameBytes);
    if (this.#segments !== undefined && hello.capabilities.includes(SEGMENTS)) {
      this.#segments.lend(this.#outbox, this.#transport);
    }
    this.#hearsExtras = EXTRAS.every((capability) => hello.capabilities.includes(capability));
    this.#state = 'open';
    this.#resolveReady(hello);
  }

  /** One body did not decode: it costs that call, not the connection. */
  #undecodable(of: Kind, id: number, error: SynapseError): void {
    switch (of) {
      case Kind.Result:
      case Kind.Error:
      case Kind.Items:
      case Kind.Progress:
        // What comes one after another would go on for nobody.
        if (of === Kind.Items || of === Kind.Progress) this.cancel(id);
        this.#pending.take(id, of)?.onError(error);
        return;
      case Kind.Call:
      case Kind.Open:
        this.#servingFor(of).undecodable(id, error);
        return;
      // A log record nobody can read is not worth a connection.
      case Kind.Log:
        return;
      default:
        throw new ProtocolError(`The body of a ${kindName(of)}: ${error.message}`);
    }
  }

  /** Tells the other end what it did wrong, then closes. */
  #fail(reason: SynapseError): void {
    if (this.#state === 'closed') return;
    try {
      this.#outbox.writer.fail(reason);
    } catch {
      // It does not fit a frame the other end takes; then the end of the stream has to say it.
    }
    this.#outbox.flush();
    this.#shut(reason);
    this.#transport.end();
  }

  #lose(error: Error | undefined): void {
    try {
      this.#reader.end();
      this.#shut(new ClosedError('The connection was lost.', error));
    } catch (truncated) {
      this.#shut(truncated as SynapseError);
    }
  }

  #shut(reason: SynapseError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#reader.close();
    this.#rejectReady(reason);
    this.#serving?.close();
    this.#pending.lose(reason);
    this.#events.onClosed?.(reason);
  }
}

/** A transport in memory, and a worker end that writes and reads whole messages by hand. */
import { ALL_ABILITIES } from '../../src/core/peer/all-abilities.js';
import type { ClientHello } from '../../src/core/peer/hello.js';
import { Peer, type PeerEvents } from '../../src/core/peer/peer.js';
import { ALL_EXTENSIONS } from '../../src/core/protocol/codec/all-extensions.js';
import { FrameDecoder } from '../../src/core/protocol/frames.js';
import { AnswerWriter, decodeMessage, type Message } from '../../src/core/protocol/messages.js';
import type { Transport, TransportReceiver } from '../../src/core/transport.js';

export class MemoryTransport implements Transport {
  congested = false;
  ended = false;
  destroyed = false;
  paused = false;
  receiver!: TransportReceiver;
  readonly #onSent: (bytes: Uint8Array) => void;

  constructor(onSent: (bytes: Uint8Array) => void) {
    this.#onSent = onSent;
  }

  open(receiver: TransportReceiver): void {
    this.receiver = receiver;
  }

  send(bytes: Uint8Array, done: (undelivered: boolean) => void): void {
    this.#onSent(bytes.slice());
    done(false);
  }

  defer(task: () => void): void {
    queueMicrotask(task);
  }

  later(task: () => void): void {
    setImmediate(task);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

export const HELLO = {
  magic: 'synapse',
  protocol: 1,
  runtime: '0.1.0',
  language: 'python',
  language_version: '3.11.7',
  pid: 4711,
  module: 'demo',
  codec: 'msgpack',
  methods: { add: { kind: 'call', mode: 'sync' }, ticks: { kind: 'stream', mode: 'async' } },
  capabilities: ['cancel'],
  limits: { max_frame_bytes: 536_870_912, max_depth: 128 },
};

/** A peer with all the abilities there are. */
export class AblePeer extends Peer {
  constructor(transport: Transport, hello: ClientHello, events?: PeerEvents) {
    super(transport, hello, events, undefined, ALL_ABILITIES);
  }
}

/** The other end: `write` speaks, `received` is what it has heard. */
export class FakeWorker {
  readonly received: Message[] = [];
  readonly transport: MemoryTransport;
  readonly #decoder = new FrameDecoder();
  readonly #writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });

  constructor() {
    this.transport = new MemoryTransport((bytes) => {
      this.#decoder.feed(bytes, (payload) => this.received.push(decodeMessage(payload)));
    });
  }

  /** Sends what `compose` writes, as one chunk. */
  write(compose: (writer: AnswerWriter) => void, writer = this.#writer): void {
    compose(writer);
    const bytes = writer.take();
    this.transport.receiver.onBytes(bytes);
    writer.release(bytes);
  }

  /** The same, of values that nest more deeply than any end should send. */
  writeDeep(compose: (writer: AnswerWriter) => void): void {
    this.write(compose, new AnswerWriter({ maxDepth: 1000 }));
  }

  /** Sends one frame whose payload is given byte by byte. */
  writePayload(...payload: number[]): void {
    const length = payload.length;
    this.transport.receiver.onBytes(Uint8Array.of(length & 0xff, length >> 8, 0, 0, ...payload));
  }

  hello(changes: Record<string, unknown> = {}): void {
    this.write((writer) => writer.hello({ ...HELLO, ...changes }));
  }

  /** Messages of one kind that have been heard. */
  heard<K extends Message['kind']>(kind: K): Extract<Message, { kind: K }>[] {
    return this.received.filter((message) => message.kind === kind) as Extract<
      Message,
      { kind: K }
    >[];
  }
}

/** Lets deferred flushes happen. */
export const flushed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A native stream under supervision, told to its consumer through a `StreamBuffer`. */
import type { CallOptions } from '../../../core/client/client.js';
import { StreamBuffer } from '../../../core/client/stream-buffer.js';
import { CallCancelledError } from '../../../core/errors.js';
import type { StreamSink } from '../../../core/peer/sinks.js';
import type { SynapseError } from '../../../core/protocol/errors.js';
import * as limits from '../../../core/protocol/limits.js';
import type { CallMeta } from '../../../core/protocol/messages.js';
import type { NativeConnection } from '../connection/native-dialect.js';
import type { CallPolicy } from './call-policy.js';
import type { NativeRequest } from './native-request.js';
import type { Preparation } from './preparation.js';
import { Task } from './task.js';

export class StreamTask extends Task<NativeConnection> implements StreamSink {
  id = 0;
  /** What its consumer reads of; the consumer's own end is made of it and not known here. */
  readonly items: StreamBuffer;
  readonly onProgress: ((value: unknown) => void) | undefined;
  meta: CallMeta | undefined;
  readonly #request: NativeRequest;
  #connection: NativeConnection | undefined;
  #waiting = false;
  #received = false;

  /** @param submit puts it under supervision; called when the consumer asks for the first item */
  constructor(
    request: NativeRequest,
    policy: CallPolicy,
    options: CallOptions,
    submit: (task: StreamTask) => void,
  ) {
    super(request.method, policy, options.signal, request);
    this.#request = request;
    this.onProgress = this.guardProgress(options.onProgress);
    this.items = new StreamBuffer(
      {
        start: () => submit(this),
        grant: (items) => this.#connection?.peer.grant(this.id, items),
        waiting: (waits) => this.#setWaiting(waits),
        cancel: () => this.leave(this.running || this.#received),
      },
      limits.streamWindowItems,
    );
  }

  override get title(): string {
    return `The stream of "${this.method}"`;
  }

  override get isStream(): boolean {
    return true;
  }

  /** What was read cannot be taken back. */
  override get retryable(): boolean {
    return super.retryable && !this.#received;
  }

  override get preparation(): Preparation | undefined {
    return this.#request.preparation;
  }

  protected override send(connection: NativeConnection): void {
    const { args, kwargs } = this.#request;
    this.id = connection.peer.open(this.method, args, kwargs, this.items.initialCredit, this);
    this.#connection = connection;
    this.sentReferences = connection.peer.sentReferences(this.id);
    this.waits = this.sentReferences && connection.modeOf(this.method) === 'sync';
  }

  /** Streams share their worker with calls: they take turns with them, item by item. */
  override isSerial(): boolean {
    return false;
  }

  onItems(items: readonly unknown[], payloadBytes: number, hasBigInt: boolean): void {
    this.#received = true;
    const request = this.#request;
    if (this.settled) {
      this.#drop(items);
      return;
    }
    if (request.receive === undefined) {
      this.items.push(items, payloadBytes);
      return;
    }
    const received: unknown[] = [];
    try {
      for (const item of items) {
        received.push(request.receive(item, hasBigInt, this.owner));
      }
    } catch (error) {
      // Those before it are good; it and what follows are not to be had.
      this.items.push(received, payloadBytes);
      this.#drop(items.slice(received.length + 1));
      this.fail(error);
      this.abandon();
      return;
    }
    this.items.push(received, payloadBytes);
  }

  onEnd(): void {
    this.ended();
    if (this.complete()) this.items.end();
  }

  onError(error: SynapseError): void {
    this.failed(error);
  }

  /** The worker decides, when it has ended, how to say it. */
  onLost(): void {}

  /** The host is kept alive for a stream only while its consumer waits for an item. */
  protected override get awaited(): boolean {
    return this.#waiting;
  }

  /** The clock of a stream runs only while its consumer waits for an item. */
  protected override startClock(at?: number): void {
    if (this.running && this.#waiting) super.startClock(at);
  }

  protected override deliverError(error: unknown): void {
    // Who gave up wants nothing more; after any other error what came before is still worth reading.
    if (error instanceof CallCancelledError) this.items.abort(error);
    else this.items.fail(this.#request.fail?.(error) ?? error);
  }

  #drop(items: readonly unknown[]): void {
    const request = this.#request;
    if (request.drop === undefined) return;
    for (const item of items) request.drop(item, this.owner);
  }

  #setWaiting(waits: boolean): void {
    this.#waiting = waits;
    if (waits) {
      this.holdHost();
      this.startClock();
    } else {
      this.releaseHost();
      this.pauseClock();
    }
  }
}

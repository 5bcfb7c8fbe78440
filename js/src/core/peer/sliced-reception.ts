/**
 * Messages that take more than one turn: large ones are decoded in slices, and segments in shared memory are taken
 * from there by others, so that no turn of the loop is long. What comes behind one waits
 * for it: the order of messages is that of their arrival. Meanwhile the transport rests.
 */
import type { Extensions } from '../protocol/codec/extension-tables.js';
import { ProtocolError } from '../protocol/errors.js';
import type { Message } from '../protocol/messages.js';
import type { Segments } from '../protocol/segments.js';
import { SLICED_BYTES, SlicedMessage } from '../protocol/sliced-message.js';
import type { Transport } from '../transport.js';

/** A payload that nobody else writes to. */
export interface Arrived {
  readonly payload: Uint8Array;
  readonly segments: Segments | undefined;
}

/** What is done with payloads and messages in their turn. */
export interface InTurn {
  /** Takes what had to wait. */
  payload(arrived: Arrived): void;
  message(message: Message, payloadBytes: number): void;
  /** One of these two, or the message itself, has broken the protocol. */
  broken(error: unknown): void;
  /** The transport goes on. */
  resumed(): void;
}

export class SlicedReception {
  /** Whether a message is being decoded, or its segments are on their way, so that whatever comes has to wait. */
  busy = false;
  readonly #transport: Transport;
  readonly #extensions: Extensions;
  readonly #inTurn: InTurn;
  #message: SlicedMessage | undefined;
  /** Whose segments are still on their way. */
  #arriving: Arrived | undefined;
  /** Payloads that came in the same read; nothing more comes until the transport goes on. */
  #waiting: Arrived[] = [];

  constructor(transport: Transport, extensions: Extensions, inTurn: InTurn) {
    this.#transport = transport;
    this.#extensions = extensions;
    this.#inTurn = inTurn;
  }

  /**
   * Takes a payload that is large, or whose segments are on their way, or that comes behind such a one; false when
   * it is for others.
   *
   * @param owned whether nobody else writes to its memory
   * @throws ProtocolError when it breaks the protocol
   */
  take(payload: Uint8Array, owned: boolean, segments: Segments | undefined): boolean {
    const own = owned ? payload : payload.slice();
    if (this.busy) {
      this.#waiting.push({ payload: own, segments });
      return true;
    }
    if (segments?.arrival !== undefined) {
      this.#await({ payload: own, segments });
      return true;
    }
    if (payload.length < SLICED_BYTES) return false;
    const message = SlicedMessage.of(own, this.#extensions, segments);
    const whole = message?.step();
    if (message === undefined) return false;
    if (whole !== undefined) {
      this.#inTurn.message(whole, message.payloadBytes);
      return true;
    }
    this.busy = true;
    this.#message = message;
    this.#transport.pause();
    this.#transport.later(this.#goOn);
    return true;
  }

  /** Decodes and hands on all that has come, now: nothing more will. */
  finish(): void {
    for (;;) {
      if (this.#message !== undefined) this.#step(this.#message, Number.POSITIVE_INFINITY);
      else if (this.#arriving !== undefined) this.#endNow(this.#arriving);
      else return;
    }
  }

  /** Forgets what has come. */
  drop(): void {
    this.#message = undefined;
    this.#arriving = undefined;
    this.#waiting = [];
    if (!this.busy) return;
    this.busy = false;
    this.#transport.resume(); // its end is still to be heard of
  }

  readonly #goOn = (): void => {
    const message = this.#message;
    if (message === undefined) return;
    this.#step(message);
    if (this.#message === message) this.#transport.later(this.#goOn);
  };

  #step(message: SlicedMessage, bytes?: number): void {
    const whole = message.step(bytes);
    if (whole === undefined) return;
    this.#message = undefined;
    this.#goOnAfter(() => this.#inTurn.message(whole, message.payloadBytes));
  }

  /** Waits for segments that others bring. */
  #await(arrived: Arrived): void {
    this.busy = true;
    this.#arriving = arrived;
    this.#transport.pause();
    arrived.segments!.arrival!.end().then(
      () => this.#arrived(arrived),
      (error: unknown) => this.#failed(arrived, error),
    );
  }

  #endNow(arrived: Arrived): void {
    try {
      arrived.segments!.arrival!.endNow();
    } catch (error) {
      this.#failed(arrived, error);
    }
    this.#arrived(arrived);
  }

  /** Its segments are there; nothing happens the second time. */
  #arrived(arrived: Arrived): void {
    if (this.#arriving !== arrived) return;
    this.#arriving = undefined;
    arrived.segments!.arrival = undefined;
    this.#goOnAfter(() => this.#inTurn.payload(arrived));
  }

  #failed(arrived: Arrived, error: unknown): void {
    if (this.#arriving !== arrived) return;
    this.#arriving = undefined;
    this.#inTurn.broken(
      new ProtocolError('Segments in shared memory cannot be read.', { cause: error }),
    );
  }

  /** Hands on what was waited for, and what came behind it. */
  #goOnAfter(handOver: () => void): void {
    this.busy = false;
    try {
      handOver();
      this.#handOn();
    } catch (error) {
      this.#inTurn.broken(error);
    }
    if (this.busy) return;
    this.#transport.resume();
    this.#inTurn.resumed();
  }

  /** Hands on what waited, up to the next that is large. */
  #handOn(): void {
    while (!this.busy) {
      const arrived = this.#waiting.shift();
      if (arrived === undefined) return;
      this.#inTurn.payload(arrived);
    }
  }
}

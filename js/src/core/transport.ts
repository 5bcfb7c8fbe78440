/**
 * A transport moves bytes and knows nothing else: no frames, no messages, no runtime.
 *
 * Every connection (pipes, a socket, memory, later a WebSocket or a MessagePort) is used through
 * this interface, so a peer runs unchanged over any of them.
 */

import type { SharedPiece, SharedSource } from './protocol/shared-segments.js';

/** Memory that segments go through on their way out. */
export interface SharedTarget {
  /** Takes it for what lies before the offset `end`; false where it is in use, or may not be as large. */
  claim(end: number): boolean;
  /** Puts all of `bytes` there. @throws when it cannot be written */
  put(bytes: Uint8Array, at: number): void;
}

/** Memory that both ends of a connection have open, for either direction. */
export interface SharedMemories {
  readonly incoming: SharedSource;
  readonly outgoing: SharedTarget;
  /** Nothing has gone through it for a while. */
  onIdle: () => void;
}

/** What a transport tells the one who opened it. */
export interface TransportReceiver {
  /** Bytes arrived. The memory is the receiver's only until the call returns. */
  onBytes(chunk: Uint8Array): void;
  /** Where the next bytes belong, where that is known: read into the start of it, they need not be copied. */
  vacancy?(): Uint8Array | undefined;
  /** The transport was congested and has room again. */
  onDrain(): void;
  /** No more bytes will come, in an orderly way or because of `error`. Told exactly once. */
  onClose(error?: Error): void;
}

export interface Transport {
  /** Starts delivery. Called once, before anything else. */
  open(receiver: TransportReceiver): void;
  /**
   * Takes `bytes` for sending; `done` is called once their memory may be used again. It says
   * whether it is certain that the other end got none of them, nor of anything sent later.
   */
  send(bytes: Uint8Array, done: (undelivered: boolean) => void): void;
  /** As `send`, of parts that belong together, one after another; without it they are sent one by one. */
  sendParts?(parts: readonly Uint8Array[], done: (undelivered: boolean) => void): void;
  /** What this end and the other share, where they do. */
  readonly shared?: SharedMemories | undefined;
  /** As `sendParts`, and then of each piece: puts it into `shared.outgoing`, and sends its number. */
  sendShared?(
    parts: readonly Uint8Array[],
    pieces: readonly SharedPiece[],
    done: (undelivered: boolean) => void,
  ): void;
  /** Returns memory that is about to be overwritten whole, where there is a cheaper one than zeroed. */
  allocate?(bytes: number): Uint8Array<ArrayBuffer>;
  /** Whether more is waiting to be taken by the other end than the transport likes to hold. */
  readonly congested: boolean;
  /** Runs `task` after the work at hand, so that what is written together is sent together. */
  defer(task: () => void): void;
  /** Runs `task` in a later turn, when other work has had its own. */
  later(task: () => void): void;
  /** Delivers nothing, neither bytes nor an orderly end, until `resume`. Both do nothing the second time. */
  pause(): void;
  resume(): void;
  /** Sends what is waiting, then tells the other end that nothing more will come. */
  end(): void;
  /** Lets go of everything at once. `onClose` follows if it has not been told yet. */
  destroy(error?: Error): void;
}

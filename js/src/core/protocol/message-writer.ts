// Messages written in place, frame and all: the hot path of calling. No buffer of its own for a message, no
// copy on the way to the transport. What each method writes is the table of docs/protocol.md, "Messages"; what
// answers the other end's calls is in `answer-writer`.

import { type Extensions, NO_EXTENSIONS } from './codec/extension-tables.js';
import type { References } from './codec/value-writer.js';
import { failureToWire, SynapseError } from './errors.js';
import { FrameWriter } from './frame-writer.js';
import { FLAG_TIMING, FLAG_WANTS_PROGRESS, Kind } from './kinds.js';
import * as limits from './limits.js';

export interface WriterLimits {
  readonly maxFrameBytes?: number;
  readonly maxDepth?: number;
  /** What travels beside the values of MessagePack. A writer that is not told knows of nothing more. */
  readonly extensions?: Extensions;
}

/** Words about a call for whoever serves it, as `traceparent`; what is not there is not sent. */
export type CallMeta = Readonly<Record<string, string | undefined>>;

/** What goes with a request beside its arguments. */
export interface RequestExtras {
  /** Its presence asks for PROGRESS. */
  readonly onProgress?: unknown;
  /** Whether the callee is to tell how long the method runs; of calls alone. */
  readonly wantsTiming?: boolean | undefined;
  readonly meta?: CallMeta | undefined;
}

const NO_EXTRAS: RequestExtras = {};

/** The arguments of a request, encoded before it is known who it goes to. */
export interface EncodedArguments {
  /** Writes them, with what the connection numbers itself: its `references` are set. */
  writeTo(out: FrameWriter): void;
}

/**
 * Gathers whole frames; `take` them, send them, `release` them.
 *
 * Each method throws an `EncodeError` when its value cannot travel and a `FrameError` when the frame would be
 * too large; nothing of that message is sent then.
 */
export class MessageWriter {
  /** Largest payload of a frame that is written. */
  readonly maxFrameBytes: number;
  protected readonly out: FrameWriter;
  /** A getter or `toJSON` of the user's runs while a frame is half written; it must not begin another. */
  #writing = false;

  /** @param Frames what its frames are written by */
  constructor(writerLimits: WriterLimits = {}, Frames: typeof FrameWriter = FrameWriter) {
    this.maxFrameBytes = writerLimits.maxFrameBytes ?? limits.maxFrameBytes;
    this.out = new Frames(
      this.maxFrameBytes,
      writerLimits.maxDepth ?? limits.maxDepth,
      writerLimits.extensions ?? NO_EXTENSIONS,
    );
  }

  /** Bytes of whole frames that wait to be taken. */
  get pendingBytes(): number {
    return this.out.pendingBytes;
  }

  /** Whether segments belong behind the message that was written last, or parts into it: an `AnswerWriter` has taken them. */
  get holdsSegments(): boolean {
    return this.out.holdsSegments;
  }

  /** Returns everything written since the last time; its memory is not reused until `release`. */
  take(): Uint8Array {
    return this.out.take();
  }

  /** Gives back what `take` returned, once it has been sent. */
  release(taken: Uint8Array): void {
    this.out.release(taken);
  }

  hello(body: Record<string, unknown>): void {
    this.message(Kind.Hello, 0, 0, (out) => out.value(body, '$'));
  }

  /**
   * Writes a CALL, or with `credit` an OPEN. Step by step and not by `frame`: this is what runs all the time, and
   * functions cost.
   *
   * @param args what goes by position; or both that and what goes by name, encoded already
   * @param references numbers the functions and streams among the arguments; without it they are refused
   */
  request(
    id: number,
    method: string,
    args: readonly unknown[] | EncodedArguments,
    kwargs: Readonly<Record<string, unknown>> | undefined,
    credit?: number,
    { onProgress, wantsTiming, meta }: RequestExtras = NO_EXTRAS,
    references?: References,
  ): void {
    const isCall = credit === undefined;
    const out = this.#begin();
    try {
      out.messageHeader(
        isCall ? Kind.Call : Kind.Open,
        (onProgress === undefined ? 0 : FLAG_WANTS_PROGRESS) |
          (isCall && wantsTiming ? FLAG_TIMING : 0),
        id,
      );
      out.references = references;
      out.arrayHeader(3 + (isCall ? 0 : 1) + (meta === undefined ? 0 : 1));
      // The paths of errors say which argument it was.
      out.value(method, '$.method');
      if (kwargs === undefined) (args as EncodedArguments).writeTo(out);
      else {
        const values = args as readonly unknown[];
        out.arrayHeader(values.length);
        for (let index = 0; index < values.length; index++) {
          out.value(values[index], '$.args', index);
        }
        map(out, kwargs, '$.kwargs');
      }
      if (!isCall) out.number(credit);
      if (meta !== undefined) map(out, meta, '$.meta');
      this.#finish();
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  credit(id: number, items: number): void {
    this.message(Kind.Credit, 0, id, (out) => out.number(items));
  }

  cancel(id: number): void {
    this.message(Kind.Cancel, 0, id);
  }

  pong(value: unknown): void {
    this.message(Kind.Pong, 0, 0, (out) => out.value(value, '$'));
  }

  drain(): void {
    this.message(Kind.Drain, 0, 0);
  }

  /** Says why the connection ends. */
  fail(error: SynapseError): void {
    this.message(Kind.Fail, 0, 0, (out) => out.value(failureToWire(error), '$'));
  }

  protected message(
    kind: number,
    flags: number,
    id: number,
    body?: (out: FrameWriter) => void,
  ): void {
    this.frame((out) => {
      out.messageHeader(kind, flags, id);
      body?.(out);
    });
  }

  protected frame(payload: (out: FrameWriter) => void): void {
    const out = this.#begin();
    try {
      payload(out);
      this.#finish();
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  #begin(): FrameWriter {
    if (this.#writing) {
      throw new SynapseError(
        'INTERNAL',
        'A getter or toJSON method of a value being sent made a call. Read it before.',
      );
    }
    this.#writing = true;
    this.out.begin();
    return this.out;
  }

  #finish(): void {
    this.out.finish();
    this.#end();
  }

  #abandon(): void {
    this.out.abandon();
    this.#end();
  }

  #end(): void {
    this.#writing = false;
    this.out.references = undefined;
  }
}

function map(out: FrameWriter, entries: Readonly<Record<string, unknown>>, path: string): void {
  const names = Object.keys(entries);
  let given = 0;
  for (const name of names) if (entries[name] !== undefined) given += 1;
  out.mapHeader(given);
  if (given === 0) return;
  for (const name of names) {
    if (entries[name] === undefined) continue;
    out.value(name, path);
    out.value(entries[name], path, name);
  }
}

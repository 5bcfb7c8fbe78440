// Messages that answer the other end's calls, which not every peer takes, and frames of the raw dialect. Implements
// the section "Messages" of docs/protocol.md with `message-writer`.

import type { OutgoingSegments } from './codec/segment-references.js';
import { EncodeError, errorToWire } from './errors.js';
import { FLAG_TIMING, Kind, TRIM } from './kinds.js';
import { type EncodedArguments, MessageWriter, type WriterLimits } from './message-writer.js';
import { SlabWriter } from './slab-writer.js';

const NO_SEGMENTS: readonly Uint8Array[] = [];

/** Writes all messages there are. */
export class AnswerWriter extends MessageWriter {
  constructor(writerLimits: WriterLimits = {}) {
    super(writerLimits, SlabWriter);
  }

  /** From now on large buffers are not copied but lent: see `takeSegments`. The other end reads segments. */
  sendSegments(segments: OutgoingSegments): void {
    this.out.segments = segments;
  }

  /** Copies the segments of the message that was written last, for whoever lends them only until then. */
  copySegments(): void {
    this.out.segments?.copy();
  }

  /** Returns what `take` has just returned as it leaves: with the parts of the last message that stayed where they were. */
  takeInserted(taken: Uint8Array): readonly Uint8Array[] {
    return (this.out as SlabWriter).takeInserted(taken);
  }

  /** Returns the segments of the message that was written last: memory of the user's, as it is. */
  takeSegments(): readonly Uint8Array[] {
    return this.out.segments?.take() ?? NO_SEGMENTS;
  }

  /** The answer to a call that wants to know how long it ran. */
  timedResult(id: number, runNs: number, value: unknown): void {
    this.message(Kind.Result, FLAG_TIMING, id, (out) => {
      out.arrayHeader(2);
      out.number(runNs);
      out.value(value, '$');
    });
  }

  result(id: number, value: unknown): void {
    this.message(Kind.Result, 0, id, (out) => out.value(value, '$'));
  }

  /** Details that cannot travel are left out: an error must always get through. */
  error(id: number, error: unknown): void {
    this.#error(Kind.Error, id, error);
  }

  items(id: number, items: readonly unknown[]): void {
    this.message(Kind.Items, 0, id, (out) => {
      out.arrayHeader(items.length);
      for (let index = 0; index < items.length; index++) {
        out.value(items[index], '$', index);
      }
    });
  }

  /** As `items`, of `count` items that are encoded already, one after another. */
  encodedItems(id: number, count: number, encoded: Uint8Array): void {
    this.message(Kind.Items, 0, id, (out) => {
      out.arrayHeader(count);
      out.raw(encoded);
    });
  }

  end(id: number): void {
    this.message(Kind.End, 0, id);
  }

  progress(id: number, value: unknown): void {
    this.message(Kind.Progress, 0, id, (out) => out.value(value, '$'));
  }

  log(id: number, record: Record<string, unknown>): void {
    this.message(Kind.Log, 0, id, (out) => out.value(record, '$'));
  }

  ping(value: unknown): void {
    this.message(Kind.Ping, 0, 0, (out) => out.value(value, '$'));
  }

  /** Writes a frame of the raw dialect: a value and nothing else; `undefined` is nil everywhere in it. */
  raw(value: unknown): void {
    this.frame((out) => {
      out.undefinedProperties = 'null';
      try {
        out.value(value, '$');
      } finally {
        out.undefinedProperties = 'omit';
      }
    });
  }

  /** As `raw`, of a value that is encoded already. */
  encodedRaw(value: EncodedArguments): void {
    this.frame((out) => value.writeTo(out));
  }

  /** Nothing has gone through shared memory for a while: the other end may give back what it has of it. */
  trim(): void {
    this.message(TRIM, 0, 0);
  }

  /** With all that is known of it. */
  override fail(error: unknown): void {
    this.#error(Kind.Fail, 0, error);
  }

  #error(kind: number, id: number, error: unknown): void {
    const map = errorToWire(error);
    try {
      this.message(kind, 0, id, (out) => out.value(map, '$'));
    } catch (failure) {
      if (!(failure instanceof EncodeError)) {
        throw failure;
      }
      const notes = [
        ...map.notes,
        `The details of this error could not be sent: ${failure.message}`,
      ];
      const bare = { ...map, details: null, cause: null, notes };
      this.message(kind, 0, id, (out) => out.value(bare, '$'));
    }
  }
}

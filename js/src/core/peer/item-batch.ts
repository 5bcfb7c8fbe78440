/**
 * Items of one stream on their way: encoded one by one as they are yielded, sent together. Encoded at
 * once, an item is what it was when it was yielded: generators often yield one object again and
 * again, changed in between.
 */

import type { Extensions } from '../protocol/codec/extension-tables.js';
import { ValueWriter } from '../protocol/codec/value-writer.js';
import { HEADER_BYTES } from '../protocol/kinds.js';
import * as limits from '../protocol/limits.js';

/** Batches of large items stay near this size, so that a stream never builds a giant frame. */
const TARGET_BATCH_BYTES = 256 * 1024;
const INITIAL_BYTES = 1024;
/** What a frame of items holds beside them: a header, and how many there are. */
const OVERHEAD_BYTES = HEADER_BYTES + 5;

/** Writes an ITEMS message of items that are encoded already. */
export type SendItems = (count: number, encoded: Uint8Array) => void;

export class ItemBatch {
  readonly #send: SendItems;
  readonly #mostBytes: number;
  readonly #extensions: Extensions;
  #writer: ValueWriter;
  #count = 0;

  /** @param maxFrameBytes largest payload of a frame that the other end takes */
  constructor(send: SendItems, maxFrameBytes: number, extensions: Extensions) {
    this.#send = send;
    this.#extensions = extensions;
    this.#mostBytes = maxFrameBytes - OVERHEAD_BYTES;
    this.#writer = this.#newWriter();
  }

  /**
   * Encodes an item and keeps it; a full batch is sent.
   *
   * @param index which item of the stream it is
   * @throws {EncodeError} it cannot travel
   * @throws {FrameError} it is too large even alone
   */
  add(item: unknown, index: number): void {
    const writer = this.#writer;
    const before = writer.position;
    // A frame of its own for one that does not fit in with those before it.
    writer.start = before;
    try {
      writer.value(item, '$', index);
    } catch (error) {
      writer.position = before;
      throw error;
    }
    const { position } = writer;
    if (this.#count > 0 && position > this.#mostBytes) {
      this.#send(this.#count, writer.bytes.subarray(0, before));
      writer.bytes.copyWithin(0, before, position);
      writer.position = position - before;
      this.#count = 0;
    }
    this.#count += 1;
    if (writer.position >= TARGET_BATCH_BYTES || this.#count >= limits.maxItemsPerMessage) {
      this.send();
    }
  }

  /** Sends what is collected. */
  send(): void {
    if (this.#count === 0) return;
    const { bytes, position } = this.#writer;
    this.#send(this.#count, bytes.subarray(0, position));
    this.drop();
  }

  /** Forgets what was not sent. */
  drop(): void {
    this.#count = 0;
    if (this.#writer.bytes.length > 2 * TARGET_BATCH_BYTES) this.#writer = this.#newWriter();
    else this.#writer.position = 0;
  }

  #newWriter(): ValueWriter {
    return new ValueWriter(new Uint8Array(INITIAL_BYTES), this.#mostBytes, {
      extensions: this.#extensions,
    });
  }
}

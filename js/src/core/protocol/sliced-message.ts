// A message with a large body, decoded in slices. Implements the section "Messages" of docs/protocol.md for
// the two kinds whose bodies can be large; of all others `messages` makes short work.

import type { Extensions } from './codec/extension-tables.js';
import { ArrivedSegments } from './codec/segment-references.js';
import { SlicedReader } from './codec/sliced-reader.js';
import { DecodeError } from './errors.js';
import { HEADER_BYTES, Kind } from './kinds.js';
import {
  type BulkKind,
  bodyDepth,
  bulkMessage,
  checkHeader,
  type Message,
  readId,
} from './messages.js';

/** Below this even a payload of the smallest values takes few milliseconds. */
export const SLICED_BYTES = 262_144;
/** Bytes of one slice: some milliseconds, the garbage that they make included, whatever they hold. */
const SLICE_BYTES = 131_072;

type Segments = readonly Uint8Array<ArrayBuffer>[];

export class SlicedMessage {
  /** How large the payload is. */
  readonly payloadBytes: number;
  readonly #kind: BulkKind;
  readonly #flags: number;
  readonly #id: number;
  readonly #reader: SlicedReader;

  private constructor(
    payload: Uint8Array,
    kind: BulkKind,
    extensions: Extensions,
    segments: Segments | undefined,
  ) {
    this.payloadBytes = payload.length;
    this.#kind = kind;
    this.#flags = payload[1]!;
    this.#id = readId(payload);
    checkHeader(kind, this.#flags, this.#id);
    this.#reader = new SlicedReader(
      payload,
      HEADER_BYTES,
      bodyDepth(kind, this.#flags),
      extensions,
    );
    if (segments !== undefined) this.#reader.segments = new ArrivedSegments(segments);
  }

  /**
   * The message of a large payload that nobody writes to any more, and of what came beside it; undefined for one of another kind.
   *
   * @throws ProtocolError when the header breaks the protocol.
   */
  static of(
    payload: Uint8Array,
    extensions: Extensions,
    segments?: Segments,
  ): SlicedMessage | undefined {
    const kind = payload[0];
    return kind === Kind.Result || kind === Kind.Items
      ? new SlicedMessage(payload, kind, extensions, segments)
      : undefined;
  }

  /** Decodes a slice, or as many bytes as are said; returns the message once it is whole. */
  step(bytes: number = SLICE_BYTES): Message | undefined {
    try {
      this.#reader.step(bytes);
      if (!this.#reader.whole) return undefined;
      const { result, hasBigInt, segments } = this.#reader;
      segments?.checkAllTaken();
      return bulkMessage(this.#kind, this.#flags, this.#id, result, hasBigInt);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { kind: 'undecodable', of: this.#kind, id: this.#id, error };
    }
  }
}

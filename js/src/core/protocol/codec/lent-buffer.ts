// A large buffer among values that were encoded before it is known who they go to. It stays the user's memory until
// then: how it travels depends on whether the other end reads segments.

import type { SynapseError } from '../error-classes.js';
import { EXT_ARRAY } from './arrays.js';
import { ScalarWriter } from './scalar-writer.js';
import type { OutgoingSegments } from './segment-references.js';

/** What stands before an inline buffer, or for one that is a segment, is no longer than this but for the array's header. */
const HEAD_BYTES = 16;

export class LentBuffer {
  readonly #bytes: Uint8Array;
  /** What precedes the numbers of an array; nothing where it is no array. */
  readonly #header: Uint8Array;
  readonly #length: number;
  readonly #gone: () => SynapseError;

  /** @param gone what is thrown when the memory is not there any more */
  constructor(bytes: Uint8Array, header: Uint8Array, gone: () => SynapseError) {
    this.#bytes = bytes;
    this.#header = header;
    this.#length = bytes.length;
    this.#gone = gone;
  }

  /**
   * Returns what stands in the frame for it.
   *
   * @param segments takes it out of the frame, where the other end reads such
   * @throws EncodeError when its memory was given away since
   */
  written(segments: OutgoingSegments | undefined): Uint8Array {
    const bytes = this.#bytes;
    const header = this.#header;
    if (bytes.length !== this.#length) throw this.#gone();
    const size = HEAD_BYTES + header.length;
    const out = new ScalarWriter(new Uint8Array(size), Number.MAX_SAFE_INTEGER);
    out.segments = segments;
    if (segments?.takes(bytes)) {
      out.segment(bytes, header);
    } else if (header.length === 0) {
      out.binary(bytes);
    } else {
      out.extensionHeader(EXT_ARRAY, header.length + bytes.length);
      out.raw(header);
      out.raw(bytes);
    }
    return out.bytes.subarray(0, out.position);
  }
}

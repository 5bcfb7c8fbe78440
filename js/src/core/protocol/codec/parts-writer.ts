// Writes values into parts: memory that stays where it is while more is made for what follows, so that nothing is
// copied however much is written. What only a connection can say is left open in between: the numbers of functions
// and streams, and whether large buffers travel behind the frame. How containers are gone through is the room
// `sliced-writer`.

import type { SynapseError } from '../error-classes.js';
import * as limits from '../limits.js';
import { LentBuffer } from './lent-buffer.js';
import { locatedError } from './located-error.js';
import { REFERENCE_BYTES } from './references.js';
import { pathStep, Refusal } from './refusals.js';
import { OutgoingSegments } from './segment-references.js';
import { isStreamable, isStreamableLiteral, type Streamable } from './streamable.js';
import { type Callback, type EncodeOptions, ValueWriter } from './value-writer.js';

/**
 * The first part is small, for small values; each next one larger, up to what the system maps by itself: in its heap
 * smaller ones were seen to make the memory of other writers dearer (plain calls after it took 1.4 times as long).
 */
const FIRST_PART_BYTES = 1024;
const MOST_PART_BYTES = 262_144;
const GROWTH = 8;

/** What stands before the number of a reference. */
const EXTENSION_HEAD_BYTES = 2;

/** Said of a large buffer, which is not copied here: also where the call had to be sent once more. */
const GONE = 'its memory was transferred; leave arguments as they are until the call is answered';

/** A function or a stream among the values. */
export type Source =
  | { readonly kind: 'callback'; readonly callback: Callback }
  | { readonly kind: 'stream'; readonly stream: Streamable };

/** Where the number of one belongs. */
export interface SourcePlace {
  readonly source: Source;
  /** Which of the parts, and where in it. */
  readonly part: number;
  readonly at: number;
}

/** A part: bytes, or what will be bytes. */
export type Part = Uint8Array | LentBuffer;

export class PartsWriter extends ValueWriter {
  /** Functions and streams, in the order of their places. */
  readonly places: SourcePlace[] = [];
  readonly #parts: Part[] = [];
  /** Where the part that is being written begins in its memory. */
  #from = 0;
  /** Where the path of the value that is being written begins. */
  #root = '$';
  #key: string | number | undefined;

  constructor(options: EncodeOptions) {
    super(new Uint8Array(FIRST_PART_BYTES), limits.maxFrameBytes, options);
    this.segments = new OutgoingSegments();
    this.references = {
      isStream: isStreamable,
      isStreamLiteral: isStreamableLiteral,
      ofCallback: (callback) => this.#leaveOpen({ kind: 'callback', callback }),
      ofStream: (stream) => this.#leaveOpen({ kind: 'stream', stream }),
    };
  }

  /** How many bytes were written, without large buffers. */
  get written(): number {
    return this.position - this.start;
  }

  override value(value: unknown, root: string, key?: string | number): void {
    this.#root = root;
    this.#key = key;
    super.value(value, root, key);
  }

  /** Makes whatever was thrown in the value that was begun last our error. */
  protected locatedHere(error: unknown): SynapseError {
    return this.located(error, this.#root, this.#key);
  }

  /** Ends the last part and returns all of them, in order. */
  finish(): readonly Part[] {
    this.#cut();
    return this.#parts;
  }

  override segment(bytes: Uint8Array, header: Uint8Array): void {
    this.segments?.add(bytes);
    this.#cut();
    const from = this.#key === undefined ? this.#root : this.#root + pathStep(this.#key);
    const steps = this.steps.slice(0, this.depth);
    const gone = (): SynapseError => locatedError(new Refusal(GONE), from, steps);
    this.#parts.push(new LentBuffer(bytes, header, gone));
  }

  protected override grow(count: number): void {
    this.#cut();
    const size = Math.max(count, Math.min(MOST_PART_BYTES, GROWTH * this.bytes.length));
    this.start -= this.position;
    this.#from = 0;
    this.moveTo(new Uint8Array(size), 0);
  }

  #cut(): void {
    const { bytes, position } = this;
    if (position > this.#from) this.#parts.push(bytes.subarray(this.#from, position));
    this.#from = position;
  }

  /** Notes where the reference that follows has its number; for now any stands there. */
  #leaveOpen(source: Source): number {
    this.ensure(EXTENSION_HEAD_BYTES + REFERENCE_BYTES);
    const at = this.position - this.#from + EXTENSION_HEAD_BYTES;
    this.places.push({ source, part: this.#parts.length, at });
    return 0;
  }
}

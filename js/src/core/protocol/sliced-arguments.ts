// Arguments encoded in slices, ahead of the message they belong to: of a request, as `message-writer` encodes them at
// once, or the one value of a frame of the raw dialect.

import type { Extensions } from './codec/extension-tables.js';
import { SlicedWriter } from './codec/sliced-writer.js';
import { EncodedParts } from './encoded-parts.js';

/** Bytes of one slice: a millisecond or two, whatever they hold. */
const SLICE_BYTES = 131_072;

export class SlicedArguments {
  /** What was encoded, once it is whole. */
  encoded: EncodedParts | undefined;
  readonly #writer: SlicedWriter;
  readonly #values: Iterator<void>;

  private constructor(writer: SlicedWriter, values: Iterator<void>) {
    this.#writer = writer;
    this.#values = values;
  }

  /** Of a request. Which arguments there are is noted now; what is in them is read later. */
  static of(
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>>,
    extensions: Extensions,
  ): SlicedArguments {
    const writer = new SlicedWriter({ extensions });
    const named = Object.entries(kwargs).filter(([, value]) => value !== undefined);
    return new SlicedArguments(writer, eachArgument(writer, [...args], named));
  }

  /** Of the raw dialect; `undefined` is nil everywhere in it. */
  static raw(value: unknown, extensions: Extensions): SlicedArguments {
    const writer = new SlicedWriter({ extensions, undefinedProperties: 'null' });
    writer.segments = undefined;
    writer.references = undefined;
    return new SlicedArguments(writer, only(writer, value));
  }

  /**
   * Encodes a slice, to `encoded` if it is the last.
   *
   * @throws EncodeError something cannot travel, or changed while it was read
   * @throws FrameError `FRAME_TOO_LARGE`
   */
  step(bytes: number = SLICE_BYTES): void {
    const writer = this.#writer;
    writer.beginSlice(bytes);
    while (this.encoded === undefined) {
      writer.goOn();
      if (writer.isDue || !writer.whole) break;
      if (this.#values.next().done === true) {
        this.encoded = new EncodedParts(writer.written, writer.finish(), writer.places);
      }
    }
  }
}

/** Begins one argument after another; the next when the one before it is whole. */
function* eachArgument(
  writer: SlicedWriter,
  args: readonly unknown[],
  named: readonly (readonly [string, unknown])[],
): Generator<void, void> {
  writer.arrayHeader(args.length);
  for (const [index, value] of args.entries()) {
    writer.value(value, '$.args', index);
    yield;
  }
  writer.mapHeader(named.length);
  for (const [name, value] of named) {
    writer.value(name, '$.kwargs');
    writer.value(value, '$.kwargs', name);
    yield;
  }
}

function* only(writer: SlicedWriter, value: unknown): Generator<void, void> {
  writer.value(value, '$');
  yield;
}

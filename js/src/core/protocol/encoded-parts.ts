// Arguments that were encoded before it is known who they go to. They can be sent again and again: what a connection
// puts in, it puts into copies.

import type { Part, Source, SourcePlace } from './codec/parts-writer.js';
import type { References } from './codec/value-writer.js';
import type { FrameWriter } from './frame-writer.js';
import type { EncodedArguments } from './message-writer.js';
import type { SlabWriter } from './slab-writer.js';

export class EncodedParts implements EncodedArguments {
  /** How much memory they take. */
  readonly bytes: number;
  readonly #parts: readonly Part[];
  readonly #places: readonly SourcePlace[];

  constructor(bytes: number, parts: readonly Part[], places: readonly SourcePlace[]) {
    this.bytes = bytes;
    this.#parts = parts;
    this.#places = places;
  }

  /** @param out one of an `AnswerWriter`, which takes parts @throws EncodeError a large buffer is not there any more */
  writeTo(out: FrameWriter): void {
    const parts = this.#parts.map((part) =>
      part instanceof Uint8Array ? part : part.written(out.segments),
    );
    this.#number(parts, out.references);
    (out as SlabWriter).insert(parts);
  }

  /** Puts the numbers of functions and streams where they belong. */
  #number(parts: Uint8Array[], references: References | undefined): void {
    let copied = -1;
    for (const { source, part, at } of this.#places) {
      if (part !== copied) parts[part] = parts[part]!.slice();
      copied = part;
      const number = numberOf(source, references!);
      new DataView(parts[part]!.buffer).setUint32(at, number, true);
    }
  }
}

function numberOf(source: Source, references: References): number {
  return source.kind === 'callback'
    ? references.ofCallback(source.callback)
    : references.ofStream(source.stream);
}

/** The input of a raw script, encoded in slices before it is sent (docs/decisions/0049). */
import { ALL_EXTENSIONS } from '../../../core/protocol/codec/all-extensions.js';
import type { EncodedParts } from '../../../core/protocol/encoded-parts.js';
import { SlicedArguments } from '../../../core/protocol/sliced-arguments.js';
import type { Preparation } from './preparation.js';

export class SlicedInput implements Preparation {
  readonly #slices: SlicedArguments;

  constructor(input: unknown) {
    this.#slices = SlicedArguments.raw(input, ALL_EXTENSIONS);
  }

  /** What is sent, once it is whole. */
  get encoded(): EncodedParts | undefined {
    return this.#slices.encoded;
  }

  get isDone(): boolean {
    return this.encoded !== undefined;
  }

  step(): void {
    this.#slices.step();
  }
}

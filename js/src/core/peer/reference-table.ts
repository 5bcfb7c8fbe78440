/**
 * What stays at this end of the arguments that were sent: functions and streams, by the number that
 * the other end knows each by (docs/protocol.md, "References"). One is kept until the call or
 * stream that it was an argument of has ended.
 */

import { MAX_REFERENCE } from '../protocol/codec/references.js';
import {
  isStreamable,
  isStreamableLiteral,
  type Streamable,
} from '../protocol/codec/streamable.js';
import type { Callback, References } from '../protocol/codec/value-writer.js';
import { SynapseError } from '../protocol/errors.js';

/** A function or a stream, and the call or stream that it was an argument of. */
export type Reference = { readonly owner: number } & (
  | { readonly kind: 'callback'; readonly callback: Callback }
  | { readonly kind: 'stream'; readonly source: Streamable; opened: boolean }
);

export class ReferenceTable implements References {
  readonly #nextOwner: () => number;
  readonly #byNumber = new Map<number, Reference>();
  /** The numbers of those that came with a call or stream, by its id. */
  readonly #owned = new Map<number, number[]>();
  #lastNumber = 0;

  /** @param nextOwner the id of the request that is being written */
  constructor(nextOwner: () => number) {
    this.#nextOwner = nextOwner;
  }

  isStream(value: object): value is Streamable {
    return isStreamable(value);
  }

  isStreamLiteral(value: object, keys: readonly string[]): value is Streamable {
    return isStreamableLiteral(value, keys);
  }

  ofCallback(callback: Callback): number {
    return this.#add({ kind: 'callback', callback, owner: this.#nextOwner() });
  }

  ofStream(source: Streamable): number {
    return this.#add({ kind: 'stream', source, opened: false, owner: this.#nextOwner() });
  }

  /** What has this number; undefined when nothing has, or not any more. */
  find(number: number): Reference | undefined {
    return this.#byNumber.get(number);
  }

  /** Whether this number was given out once. */
  wasIssued(number: number): boolean {
    return number > 0 && number <= this.#lastNumber;
  }

  /** Whether anything came with `owner`, which has not ended. */
  cameWith(owner: number): boolean {
    return this.#owned.size > 0 && this.#owned.has(owner);
  }

  /** Forgets what came with a call, which has ended or was never sent; whether there was anything. */
  release(owner: number): boolean {
    if (this.#owned.size === 0) return false;
    const owned = this.#owned.get(owner);
    if (owned === undefined) return false;
    this.#owned.delete(owner);
    for (const number of owned) this.#byNumber.delete(number);
    return true;
  }

  /** The connection is over. */
  clear(): void {
    this.#byNumber.clear();
    this.#owned.clear();
  }

  #add(reference: Reference): number {
    if (this.#lastNumber === MAX_REFERENCE) {
      throw new SynapseError(
        'INTERNAL',
        'This connection has no numbers left for callbacks and streams.',
      );
    }
    this.#lastNumber += 1;
    this.#byNumber.set(this.#lastNumber, reference);
    const owned = this.#owned.get(reference.owner);
    if (owned === undefined) this.#owned.set(reference.owner, [this.#lastNumber]);
    else owned.push(this.#lastNumber);
    return this.#lastNumber;
  }
}

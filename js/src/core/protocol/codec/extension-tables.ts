// What a codec knows beyond the values of MessagePack, as tables: whoever makes a reader or a writer says what it is
// to know, so that a bundle holds no more than its clients use.

import type { ScalarWriter } from './scalar-writer.js';

/** Returns the value of an extension's data, or text that says what the data are instead. */
export type ReadExtension = (buffer: ArrayBufferLike, at: number, length: number) => unknown;

/** Writes an object that says by its tag what it is. What cannot travel is a `Refusal`. */
export type WriteInstance = (out: ScalarWriter, value: object, tag: string) => void;

/** Writes a view of bytes as what its tag says; false where that does not travel. */
export type WriteView = (out: ScalarWriter, view: ArrayBufferView, tag: string) => boolean;

export interface Extensions {
  /** By the types of extensions. */
  readonly readers: ReadonlyMap<number, ReadExtension>;
  /** By the tags that `Object.prototype.toString` gives. */
  readonly writers: ReadonlyMap<string, WriteInstance>;
  /** For what is a view, whatever else says by its tag that it is one. */
  readonly writeView?: WriteView | undefined;
}

export const NO_EXTENSIONS: Extensions = { readers: new Map(), writers: new Map() };

/** Returns the extensions of some tables in one. */
export function allOf(...tables: readonly Extensions[]): Extensions {
  return {
    readers: new Map(tables.flatMap(({ readers }) => [...readers])),
    writers: new Map(tables.flatMap(({ writers }) => [...writers])),
    writeView: tables.find(({ writeView }) => writeView !== undefined)?.writeView,
  };
}

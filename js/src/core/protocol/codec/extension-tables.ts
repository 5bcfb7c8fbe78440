// What a codec knows beyond the values of MessagePack, as tables: whoever makes a reader or a writer says what it is
// to know, so that a bundle holds no more than its clients use.

import type { ScalarWriter } from './scalar-writer.js';

/** Returns the value of an extension's data, or text that says what the data are instead. */
export type ReadExtension = (buffer: ArrayBufferLike, at: number, length: number) => unknown;

/** Writes an object that says by its tag what it is. What cannot travel is a `Refusal`. */
export type WriteInstance = (out: ScalarWriter, value: unknown, tag: string) => void;

/** Reads text. @throws TypeError when it is not UTF-8 */
export interface TextReader {
  read(bytes: Uint8Array, start: number, end: number): string;
}

/** Writes a view of bytes as what its tag says. What cannot travel is a `Refusal`. */
export type WriteView = (out: ScalarWriter, view: ArrayBufferView, tag: string) => void;

export interface Extensions {
  /** By the types of extensions. */
  readonly readers: ReadonlyMap<number, ReadExtension>;
  /** By the tags that `Object.prototype.toString` gives. */
  readonly writers: ReadonlyMap<string, WriteInstance>;
  /** For what is a view, whatever else says by its tag that it is one. */
  readonly writeView?: WriteView | undefined;
  /** What to do with values that do not travel, by their tags. */
  readonly advice?: Readonly<Record<string, string>>;
  /** Reads short keys. Default: makes each anew. */
  readonly keys?: TextReader;
  /** Reads other short texts. Default: makes each anew. */
  readonly texts?: TextReader;
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

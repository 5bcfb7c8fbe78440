// Writes values with their parts, in place. Implements the section "Values" of docs/protocol.md.
// Knows neither frames nor messages. A value that cannot travel is an error that names its path.

import type { SynapseError } from '../error-classes.js';
import * as limits from '../limits.js';
import { type Extensions, NO_EXTENSIONS } from './extension-tables.js';
import { locatedError } from './located-error.js';
import { EXT_CALLBACK, EXT_STREAM } from './references.js';
import { NO_ARRAYS, pathStep, Refusal, refusalOf, tagOf } from './refusals.js';
import { ScalarWriter } from './scalar-writer.js';
import type { Streamable } from './streamable.js';

export interface EncodeOptions {
  /** Containers that may stand inside one another. */
  readonly maxDepth?: number;
  /** What becomes of a property whose value is `undefined`; elsewhere it is nil. */
  readonly undefinedProperties?: 'omit' | 'null';
  /** What travels beside the values of MessagePack. A writer that is not told knows of nothing more. */
  readonly extensions?: Extensions;
}

/** A function of the user's. */
export type Callback = (...args: never[]) => unknown;

/** Numbers what stays at this end, for the other end to ask for. */
export interface References {
  ofCallback(callback: Callback): number;
  ofStream(source: Streamable): number;
  /** Whether an object is to travel as a stream. */
  isStream(value: object): value is Streamable;
  /** The same of a plain object with these keys. */
  isStreamLiteral(value: object, keys: readonly string[]): value is Streamable;
}

/**
 * Writes values one after another; `value` is the way in. How containers are gone through is for a subclass to
 * change: `array`, `map` and `fields` write one each.
 */
export class ValueWriter extends ScalarWriter {
  /** What becomes of a property whose value is `undefined`. */
  undefinedProperties: 'omit' | 'null';
  /** Numbers functions and iterables; without it they cannot travel. */
  references: References | undefined;
  readonly #maxDepth: number;
  readonly #extensions: Extensions;
  /** Containers open at the place that is being written, and the key or index taken in each. */
  protected depth = 0;
  protected readonly steps: unknown[] = [];

  constructor(bytes: Uint8Array, most: number, options: EncodeOptions = {}) {
    super(bytes, most);
    this.#maxDepth = options.maxDepth ?? limits.maxDepth;
    this.#extensions = options.extensions ?? NO_EXTENSIONS;
    this.undefinedProperties = options.undefinedProperties ?? 'omit';
  }

  /**
   * Writes one value. The path of an error begins with `root`, and `key` when the value has one there.
   *
   * @throws EncodeError when something in it cannot travel; what was written of it is left behind `position`.
   */
  value(value: unknown, root: string, key?: string | number): void {
    this.depth = 0;
    try {
      this.any(value);
    } catch (error) {
      throw this.located(error, root, key);
    }
  }

  /** Makes whatever was thrown at the place that is being written our error. */
  protected located(error: unknown, root: string, key: string | number | undefined): SynapseError {
    const from = key === undefined ? root : root + pathStep(key);
    return locatedError(error, from, this.steps.slice(0, this.depth));
  }

  protected any(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.text(value);
        return;
      case 'number':
        this.number(value);
        return;
      case 'object':
        if (value === null) this.u8(0xc0);
        else this.#object(value);
        return;
      case 'boolean':
        this.u8(value ? 0xc3 : 0xc2);
        return;
      case 'undefined':
        this.u8(0xc0);
        return;
      case 'bigint':
        if (!this.bigInt(value)) this.#wideInteger(value);
        return;
      case 'function':
        this.#function(value as Callback);
        return;
      default:
        throw new Refusal('a symbol cannot travel; send its description');
    }
  }

  #wideInteger(value: bigint): void {
    const write = this.#extensions.writers.get('BigInt');
    if (write === undefined) throw new Refusal('the integer is beyond 64 bits; send it as text');
    write(this, value, 'BigInt');
  }

  #function(value: Callback): void {
    if (this.references === undefined) {
      throw new Refusal('a function cannot travel; send what it returns');
    }
    this.reference(EXT_CALLBACK, this.references.ofCallback(value));
  }

  #object(value: object): void {
    if (Array.isArray(value)) {
      this.array(value);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      this.#properties(value as Record<string, unknown>);
    } else if (this.references?.isStream(value)) {
      this.reference(EXT_STREAM, this.references.ofStream(value));
    } else if (ArrayBuffer.isView(value)) {
      this.#view(value);
    } else {
      this.#instance(value, tagOf(value));
    }
  }

  #instance(value: object, tag: string): void {
    switch (tag) {
      case 'Date':
        this.date(value as Date);
        return;
      case 'Map':
        this.map(value as Map<unknown, unknown>);
        return;
      case 'Set':
        this.array([...(value as Set<unknown>)]);
        return;
      case 'ArrayBuffer':
        this.binary(new Uint8Array(value as ArrayBuffer));
        return;
      case 'Number':
      case 'String':
      case 'Boolean':
      case 'BigInt':
        this.any(value.valueOf());
        return;
    }
    const write = this.#extensions.writers.get(tag);
    if (write !== undefined) {
      write(this, value, tag);
      return;
    }
    const refusal = refusalOf(value, tag, this.#extensions.advice);
    if (refusal !== undefined) {
      throw new Refusal(refusal);
    }
    this.#properties(value as Record<string, unknown>);
  }

  #view(value: ArrayBufferView): void {
    const tag = tagOf(value);
    if (tag === 'Uint8Array') {
      this.binary(value as Uint8Array);
    } else if (tag === 'DataView') {
      this.binary(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else {
      const write = this.#extensions.writeView;
      if (write === undefined) throw new Refusal(NO_ARRAYS);
      write(this, value, tag);
    }
  }

  protected array(values: readonly unknown[]): void {
    const level = this.enter();
    const { length } = values;
    this.arrayHeader(length);
    for (let index = 0; index < length; index++) {
      this.steps[level] = index;
      this.any(values[index]);
    }
    this.depth = level;
  }

  protected map(map: Map<unknown, unknown>): void {
    const level = this.enter();
    const { size } = map;
    let count = 0;
    this.mapHeader(size);
    for (const [key, value] of map) {
      count++;
      this.steps[level] = key;
      this.any(key);
      this.any(value);
    }
    if (count !== size) {
      throw new Refusal('the Map changed while it was read');
    }
    this.depth = level;
  }

  #properties(value: Record<string, unknown>): void {
    if (typeof value.toJSON === 'function') {
      this.#plain(value.toJSON());
    } else {
      this.#record(value);
    }
  }

  /** Writes what `toJSON` returned: its own `toJSON`, if it has one, is not asked again. */
  #plain(value: unknown): void {
    if (typeof value === 'object' && value !== null && tagOf(value) === 'Object') {
      this.#record(value as Record<string, unknown>);
    } else {
      this.any(value);
    }
  }

  #record(value: Record<string, unknown>): void {
    const keys = Object.keys(value);
    if (this.references?.isStreamLiteral(value, keys)) {
      this.reference(EXT_STREAM, this.references.ofStream(value));
      return;
    }
    this.fields(value, keys);
  }

  /** Writes an object as a map of these keys. */
  protected fields(value: Record<string, unknown>, keys: readonly string[]): void {
    const level = this.enter();
    const header = this.position;
    let count = keys.length;
    this.mapHeader(count);
    for (const key of keys) {
      this.steps[level] = key;
      const item = value[key];
      if (item === undefined && this.undefinedProperties === 'omit') {
        count--;
        continue;
      }
      this.text(key);
      this.any(item);
    }
    if (count !== keys.length) {
      this.patchMapHeader(this.bytes, header, keys.length, count);
    }
    this.depth = level;
  }

  /** Opens a container; returns the depth to go back to, which is also its place among the steps. */
  protected enter(): number {
    const level = this.depth;
    if (level >= this.#maxDepth) {
      throw new Refusal(
        `more than ${this.#maxDepth} containers inside one another; is it a structure that contains itself? ` +
          'Send a flat form, such as an array with indices',
        'DEPTH_EXCEEDED',
      );
    }
    this.steps[level] = undefined;
    this.depth = level + 1;
    return level;
  }
}

// Writes values in slices: between two of them other work has its turn. What is written is to the byte what
// `value-writer` writes, as this is one with another way through containers: those that are not whole when a slice
// ends stand in a list, from which the next goes on. What the user changes meanwhile is found, or does no harm.

import { OpenContainer } from './open-container.js';
import { PartsWriter } from './parts-writer.js';
import { Refusal } from './refusals.js';

/** Parts of containers that one slice goes through at most, though they take no bytes. */
const MOST_STEPS = 32_768;

/** The longest. */
const MAP_HEADER_BYTES = 5;

/** Writes values one after another: `value` begins one, `goOn` until it is `whole`. */
export class SlicedWriter extends PartsWriter {
  /** By their depths. */
  readonly #open: OpenContainer[] = [];
  /** Where this slice ends, and how many steps it has left. */
  #end = 0;
  #stepsLeft = 0;

  /** Whether nothing is left to write of the value that was begun last. */
  get whole(): boolean {
    return this.depth === 0;
  }

  /** Whether the slice is at its end. */
  get isDue(): boolean {
    return this.written >= this.#end || this.#stepsLeft <= 0;
  }

  /** Begins a slice of so many bytes, or little more. Text, binaries and the keys of an object are taken in one go. */
  beginSlice(bytes: number): void {
    this.#end = this.written + bytes;
    this.#stepsLeft = MOST_STEPS;
  }

  /** Writes on, to the end of the slice or of the value. @throws EncodeError as `value` */
  goOn(): void {
    try {
      while (this.depth > 0 && !this.isDue) this.#goOnWith(this.#open[this.depth - 1]!);
    } catch (error) {
      throw this.locatedHere(error);
    }
  }

  protected override array(values: readonly unknown[]): void {
    const open = this.#enter('array');
    open.items = values;
    open.count = values.length;
    this.arrayHeader(open.count);
    this.#items(open);
  }

  protected override map(map: Map<unknown, unknown>): void {
    const open = this.#enter('map');
    open.entries = map[Symbol.iterator]();
    open.count = map.size;
    this.mapHeader(open.count);
    this.#entries(open);
  }

  protected override fields(value: Record<string, unknown>, keys: readonly string[]): void {
    const open = this.#enter('fields');
    open.items = keys;
    open.record = value;
    open.count = keys.length;
    open.omitted = 0;
    this.ensure(MAP_HEADER_BYTES); // so that it stands in the memory that is noted
    open.header = this.bytes;
    open.headerAt = this.position;
    this.mapHeader(open.count);
    this.#fields(open);
  }

  #enter(kind: OpenContainer['kind']): OpenContainer {
    const level = this.enter();
    let open = this.#open[level];
    if (open === undefined) {
      open = new OpenContainer(level + 1);
      this.#open[level] = open;
    }
    open.kind = kind;
    open.next = 0;
    return open;
  }

  #goOnWith(open: OpenContainer): void {
    if (open.kind === 'array') this.#items(open);
    else if (open.kind === 'fields') this.#fields(open);
    else this.#entries(open);
  }

  /** Each of these three writes on until a slice ends, in here or in a container within. */
  #items(open: OpenContainer): void {
    const { items, count, depth } = open;
    while (open.next < count) {
      if (this.#pauses()) return;
      this.steps[depth - 1] = open.next;
      this.any(items[open.next++]);
      if (this.depth !== depth) return;
    }
    if (items.length !== count) {
      this.steps[depth - 1] = undefined;
      this.#refuseChanged('array');
    }
    this.#close(open);
  }

  #fields(open: OpenContainer): void {
    const { items, record, count, depth } = open;
    while (open.next < count) {
      if (this.#pauses()) return;
      const key = items[open.next++] as string;
      this.steps[depth - 1] = key;
      const value = record[key];
      if (value === undefined && this.undefinedProperties === 'omit') {
        open.omitted++;
        continue;
      }
      this.text(key);
      this.any(value);
      if (this.depth !== depth) return;
    }
    if (open.omitted > 0) {
      this.patchMapHeader(open.header!, open.headerAt, count, count - open.omitted);
    }
    this.#close(open);
  }

  #entries(open: OpenContainer): void {
    const { entries, count, depth } = open;
    while (true) {
      if (open.hasValue) {
        const { value } = open;
        open.hasValue = false;
        open.value = undefined;
        this.any(value);
        if (this.depth !== depth) return;
      }
      if (this.#pauses()) return;
      const { done, value: entry } = entries.next();
      if (done === true) break;
      this.steps[depth - 1] = entry[0];
      if (open.next++ === count) this.#refuseChanged('Map');
      open.value = entry[1];
      open.hasValue = true;
      this.any(entry[0]);
      if (this.depth !== depth) return;
    }
    if (open.next !== count) this.#refuseChanged('Map');
    this.#close(open);
  }

  #pauses(): boolean {
    this.#stepsLeft--;
    return this.isDue;
  }

  #close(open: OpenContainer): void {
    open.clear();
    this.depth = open.depth - 1;
  }

  #refuseChanged(what: string): never {
    throw new Refusal(`the ${what} changed while it was read`);
  }
}

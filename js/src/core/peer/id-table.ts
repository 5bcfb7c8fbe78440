/**
 * Values by ids that only grow, where most live shortly: what a connection looks up for each answer.
 *
 * A `Map` that is filled and emptied all the time makes itself a new table every few dozen entries, and
 * each old table points to its successor. Once one of them has grown old for the garbage collector, all
 * that follow do, with what was in them: that doubled what a small call cost. Here the one table stays.
 */

/** Values by ids: a `Map`, or what does the same. */
export interface Table<V> extends Iterable<[number, V]> {
  readonly size: number;
  has(id: number): boolean;
  get(id: number): V | undefined;
  set(id: number, value: V): void;
  delete(id: number): void;
  clear(): void;
}

/** Slots; ids that many apart share one. A worker is sent at most a few hundred calls at a time. */
const SLOTS = 1024;

export class IdTable<V> implements Table<V> {
  readonly #ids: number[] = new Array<number>(SLOTS).fill(0);
  readonly #values: (V | undefined)[] = new Array<V | undefined>(SLOTS).fill(undefined);
  /** Those whose slot another, older one has. */
  readonly #others = new Map<number, V>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  get(id: number): V | undefined {
    const slot = id & (SLOTS - 1);
    if (this.#ids[slot] === id) return this.#values[slot];
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** @param id above 0, and not there yet */
  set(id: number, value: V): void {
    const slot = id & (SLOTS - 1);
    this.#size += 1;
    if (this.#values[slot] !== undefined) {
      this.#others.set(id, value);
      return;
    }
    this.#ids[slot] = id;
    this.#values[slot] = value;
  }

  /** Takes a value out, if it is there. */
  delete(id: number): void {
    const slot = id & (SLOTS - 1);
    if (this.#ids[slot] === id) {
      if (this.#values[slot] === undefined) return;
      this.#values[slot] = undefined;
      this.#size -= 1;
    } else if (this.#others.delete(id)) {
      this.#size -= 1;
    }
  }

  /** What is in it, in no order. */
  *[Symbol.iterator](): Generator<[number, V]> {
    yield* this.#others;
    for (const [slot, value] of this.#values.entries()) {
      if (value !== undefined) yield [this.#ids[slot] as number, value];
    }
  }

  clear(): void {
    this.#values.fill(undefined);
    this.#others.clear();
    this.#size = 0;
  }
}

// A container that is written in slices, as far as that has come; and again the next one at its depth, so that many small
// ones take no memory. How it is gone through is the room `sliced-writer`.

const NOTHING: readonly never[] = [];
const NO_RECORD: Readonly<Record<string, unknown>> = {};
const NO_ENTRIES: Iterator<[unknown, unknown]> = new Map().entries();

/** A container that is being written, of one of three kinds. */
export class OpenContainer {
  kind: 'array' | 'fields' | 'map' = 'array';
  /** How many containers are open while this one is the innermost. */
  readonly depth: number;
  /** How many parts it has, and how many were begun. */
  count = 0;
  next = 0;
  /** Of an array, its items; of an object, its keys. */
  items: readonly unknown[] = NOTHING;
  /** An object, the memory that its count stands in, where, and how many keys have no value. */
  record: Readonly<Record<string, unknown>> = NO_RECORD;
  header: Uint8Array | undefined;
  headerAt = 0;
  omitted = 0;
  /** What is left of a map, and the value whose key was written. */
  entries = NO_ENTRIES;
  value: unknown;
  hasValue = false;

  constructor(depth: number) {
    this.depth = depth;
  }

  /** Keeps nothing alive. */
  clear(): void {
    this.items = NOTHING;
    this.record = NO_RECORD;
    this.header = undefined;
    this.entries = NO_ENTRIES;
    this.value = undefined;
  }
}

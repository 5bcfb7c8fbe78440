/**
 * Which arguments travel as streams: what gives its items one after another and holds none of them.
 * Arrays, sets and maps hold theirs and travel whole.
 */

/** Something to iterate over, asynchronously or, when it is an iterator itself, synchronously. */
export type Streamable = AsyncIterable<unknown> | IterableIterator<unknown>;

/** What is looked at of an object to tell. */
interface Shape {
  readonly [Symbol.asyncIterator]?: unknown;
  readonly [Symbol.iterator]?: unknown;
  readonly next?: unknown;
}

/**
 * Whether an object is an async iterable, a generator or an iterator. A `next` method alone is no
 * sign: observers have one, and collections that can be iterated over again have only the symbol.
 */
export function isStreamable(value: object): value is Streamable {
  const shape = value as Shape;
  return (
    typeof shape[Symbol.asyncIterator] === 'function' ||
    (typeof shape[Symbol.iterator] === 'function' && typeof shape.next === 'function')
  );
}

/** Whether there is anything to iterate over, which text is not. */
export function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const shape = value as Shape;
  return (
    typeof shape[Symbol.asyncIterator] === 'function' ||
    typeof shape[Symbol.iterator] === 'function'
  );
}

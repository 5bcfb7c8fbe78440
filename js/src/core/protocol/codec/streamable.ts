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

/** An iterator written by hand has `next`, `return` and `throw` at most. */
const ITERATOR_KEYS = 3;

/**
 * The same of a plain object with these keys. There are many of them, nearly none is a stream, and
 * to look for what an object does not have takes a fifth of the time of writing it.
 */
export function isStreamableLiteral(value: object, keys: readonly string[]): value is Streamable {
  return (
    keys.length <= ITERATOR_KEYS &&
    (keys.length === 0 || keys.includes('next')) &&
    isStreamable(value)
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

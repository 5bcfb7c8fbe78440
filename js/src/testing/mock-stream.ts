/** A stream whose items a handler makes: under credit, one at a time, closed when it is left. */
import { SynapseStream } from '../core/client/stream.js';
import { StreamBuffer } from '../core/client/stream-buffer.js';
import * as limits from '../core/protocol/limits.js';

type Items = Iterator<unknown> | AsyncIterator<unknown>;

/**
 * Returns a stream over what `open` returns; that is called when iteration starts.
 *
 * @param receive makes of an item what the reader gets
 * @param fail makes of what was thrown what the reader is told
 */
export function mockStream(
  open: () => Iterable<unknown> | AsyncIterable<unknown>,
  receive: (item: unknown) => unknown,
  fail: (error: unknown) => unknown,
): SynapseStream<unknown> {
  let items: Items | undefined;
  let credit = 0;
  let pumping = false;
  let left = false;

  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    try {
      items ??= iteratorOf(open());
      while (credit > 0 && !left) {
        const { done, value } = await items.next();
        if (left) break;
        if (done) {
          buffer.end();
          return;
        }
        credit -= 1;
        buffer.push([receive(value)]);
      }
    } catch (error) {
      // As after any item that could not be sent: the producer is closed, then the reader is told.
      left = true;
      await close();
      buffer.fail(fail(error));
    } finally {
      pumping = false;
    }
  };

  const close = async (): Promise<void> => {
    await Promise.resolve(items?.return?.()).catch(() => undefined);
  };

  const grant = (more: number): void => {
    credit += more;
    void pump();
  };

  const buffer = new StreamBuffer(
    {
      start: () => grant(buffer.initialCredit),
      grant,
      waiting: () => undefined,
      cancel: async () => {
        left = true;
        await close();
      },
    },
    limits.streamWindowItems,
  );
  return new SynapseStream(buffer);
}

function iteratorOf(items: Iterable<unknown> | AsyncIterable<unknown>): Items {
  if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
  return items[Symbol.iterator]();
}

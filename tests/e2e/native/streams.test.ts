// stream(): generators as async iterables, with back-pressure that reaches into Python.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually, within } from '../support/waiting.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Fate {
  produced: number;
  ending: string | null;
}

// What may lie between a reader and a generator: the credit window and the batches on their way.
const IN_FLIGHT = 1024;

let client: Client;
beforeAll(async () => {
  client = await connect(sharedModule('native'), { entrypoint: 'streams' });
});
afterAll(() => client.close());

const fateOf = (label: string): Promise<Fate> => client.call<Fate>('plain', [label]);
const closed = (label: string): Promise<Fate> =>
  eventually(`the generator of "${label}" is closed`, async () => {
    const fate = await fateOf(label);
    return fate.ending === null ? undefined : fate;
  });

async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('A stream', () => {
  it.each(['count_to', 'count_later'])('brings every item in order: %s', async (method) => {
    const items = await collected(client.stream<number>(method, [3000]));
    expect(items).toEqual(Array.from({ length: 3000 }, (_, n) => n));
  });

  it('takes keyword arguments', async () => {
    expect(await collected(client.stream('count_to', [], { limit: 3 }))).toEqual([0, 1, 2]);
  });

  it('may be empty', async () => {
    expect(await collected(client.stream('nothing'))).toEqual([]);
  });

  it('brings the first item at once, not when a batch is full', async () => {
    const lags: number[] = [];
    for await (const sent of client.stream<number>('trickle', [5, 0.5])) {
      lags.push(Date.now() - sent * 1000);
    }
    // In one batch, the first would come 2000 late.
    expect(lags[0]).toBeLessThan(1500);
  });

  it('holds no item back while the generator works on the next', async () => {
    const iterator = client.stream<number>('stuck_after', ['burst', 5])[Symbol.asyncIterator]();
    for (let item = 0; item < 5; item += 1) {
      expect((await within(2000, `item ${item}`, iterator.next())).value).toBe(item);
    }
    await iterator.return?.();
    expect((await closed('burst')).ending).toBe('closed');
  });

  it.each(['same_object', 'same_object_later'])(
    'carries each item as it was when it was yielded: %s',
    async (method) => {
      const items = await collected(client.stream(method, [20]));
      expect(items).toEqual(
        Array.from({ length: 20 }, (_, n) => ({
          n,
          seen: Array.from({ length: n + 1 }, (_, before) => before),
        })),
      );
    },
  );

  it('carries large items', async () => {
    let bytes = 0;
    for await (const item of client.stream<Uint8Array>('heavy', [40, 1024 * 1024])) {
      bytes += item.length;
    }
    expect(bytes).toBe(40 * 1024 * 1024);
  });

  it('stays ended', async () => {
    const iterator = client.stream('count_to', [1])[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 0 });
    for (let n = 0; n < 3; n += 1) {
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    }
  });

  it('answers several next() at once, in order', async () => {
    const iterator = client.stream<number>('count_later', [4])[Symbol.asyncIterator]();
    const results = await Promise.all([0, 1, 2, 3, 4, 5].map(() => iterator.next()));
    expect(results.map((result) => result.value)).toEqual([0, 1, 2, 3, undefined, undefined]);
  });

  it('runs beside others and beside calls', async () => {
    const [one, two, sum] = await Promise.all([
      collected(client.stream<number>('count_later', [2000])),
      collected(client.stream<number>('count_later', [1000])),
      fateOf('nobody'),
    ]);
    expect([one.length, two.length, sum.produced]).toEqual([2000, 1000, 0]);
  });

  it('brings progress beside its items', async () => {
    const seen: unknown[] = [];
    const items = await collected(
      client.stream('with_progress', [4], {}, { onProgress: (value) => seen.push(value) }),
    );
    expect(items).toEqual([0, 1, 2, 3]);
    expect(seen).toEqual([0, 10, 20, 30]);
  });
});

describe('A stream that fails', () => {
  it('brings the items before the exception, then throws it once', async () => {
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const item of client.stream('fails_after', [5])) seen.push(item);
    })();
    const failure = await errorOf(reading);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(failure).toMatchObject({ code: 'PYTHON_EXCEPTION', pythonType: 'ValueError' });
    expect(failure.message).toContain('the well is dry');
  });

  it('names the item that cannot travel', async () => {
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const item of client.stream('bad_item_after', [3])) seen.push(item);
    })();
    const failure = await errorOf(reading);
    expect(failure.code).toBe('ENCODE_FAILED');
    expect(failure.message).toContain('fn');
    expect(seen).toEqual([0, 1, 2]);
  });

  it('refuses a method that does not exist, on the first next()', async () => {
    const failure = await errorOf(client.stream('no_such')[Symbol.asyncIterator]().next());
    expect(failure.code).toBe('METHOD_NOT_FOUND');
  });
});

describe('A stream that is broken off', () => {
  it.each(['endless', 'endless_later'])(
    'stops the generator within a bounded number of items: %s',
    async (method) => {
      const label = `broken ${method}`;
      let read = 0;
      for await (const _ of client.stream(method, [label])) {
        read += 1;
        if (read === 10) break;
      }
      const fate = await closed(label);
      expect(fate.ending).toBe('closed');
      expect(fate.produced).toBeLessThan(10 + IN_FLIGHT);
    },
  );

  it('by an exception in the loop closes the generator too', async () => {
    const reading = (async () => {
      for await (const _ of client.stream('endless', ['thrown'])) throw new Error('reader fails');
    })();
    expect((await errorOf(reading)).message).toBe('reader fails');
    expect((await closed('thrown')).ending).toBe('closed');
  });

  it('by return() on the iterator closes it, and next() says so', async () => {
    const iterator = client.stream('endless', ['returned'])[Symbol.asyncIterator]();
    await iterator.next();
    expect(await iterator.return?.()).toMatchObject({ done: true });
    expect(await iterator.next()).toMatchObject({ done: true });
    expect((await closed('returned')).ending).toBe('closed');
  });

  it('before its first item never runs on', async () => {
    const iterator = client.stream('endless', ['unstarted'])[Symbol.asyncIterator]();
    await iterator.return?.();
    const { produced } = await fateOf('unstarted');
    expect(produced).toBeLessThan(IN_FLIGHT);
  });

  it.each(['endless', 'endless_later'])(
    'by its signal throws an AbortError: %s',
    async (method) => {
      const label = `aborted ${method}`;
      const stop = new AbortController();
      const reading = (async () => {
        let read = 0;
        for await (const _ of client.stream(method, [label], {}, { signal: stop.signal })) {
          read += 1;
          if (read === 300) stop.abort();
        }
      })();
      expect((await errorOf(within(5000, 'the stream ends', reading))).name).toBe('AbortError');
      expect((await closed(label)).produced).toBeLessThan(300 + IN_FLIGHT);
    },
  );

  it('while the generator hangs interrupts it there', async () => {
    const seen: unknown[] = [];
    for await (const item of client.stream('stuck_after', ['stuck', 3])) {
      seen.push(item);
      if (seen.length === 3) break;
    }
    expect((await closed('stuck')).ending).toBe('closed');
  });

  it.each(['endless', 'endless_later'])(
    'by nobody, only forgotten, is found and closed: %s',
    async (method) => {
      const label = `forgotten ${method}`;
      await (async () => {
        const { value } = await client.stream<number>(method, [label]).next();
        expect(value).toBe(1);
      })();
      const fate = await eventually('the generator is closed', async () => {
        collectGarbage();
        const { ending, produced } = await fateOf(label);
        return ending === null ? undefined : { ending, produced };
      });
      expect(fate.ending).toBe('closed');
      expect(fate.produced).toBeLessThan(IN_FLIGHT);
    },
  );

  it('leaves the worker good for a hundred more', async () => {
    for (let round = 0; round < 100; round += 1) {
      for await (const _ of client.stream('endless', [`round ${round}`])) break;
    }
    expect(await collected(client.stream('count_to', [2]))).toEqual([0, 1]);
  });
});

describe('A stream that is read slowly', () => {
  it.each(['endless', 'endless_later'])('holds the generator back: %s', async (method) => {
    const label = `slow ${method}`;
    const iterator = client.stream<number>(method, [label])[Symbol.asyncIterator]();
    for (let read = 1; read <= 5; read += 1) {
      expect((await iterator.next()).value).toBe(read);
    }
    // Calls in between give the generator every chance to run ahead.
    let before = -1;
    const settled = await eventually('the generator stands still', async () => {
      const { produced } = await fateOf(label);
      const still = produced === before;
      before = produced;
      return still ? produced : undefined;
    });
    expect(settled).toBeLessThan(5 + IN_FLIGHT);
    for (let read = 6; read <= settled + 50; read += 1) {
      expect((await iterator.next()).value).toBe(read);
    }
    await iterator.return?.();
  });

  it('does not hold back a call', async () => {
    const iterator = client.stream('endless', ['beside'])[Symbol.asyncIterator]();
    await iterator.next();
    const fate = await within(2000, 'a call beside a standing stream', fateOf('beside'));
    expect(fate.produced).toBeGreaterThan(0);
    await iterator.return?.();
  });
});

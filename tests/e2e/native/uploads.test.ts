// Iterables as arguments: Python reads them while its method runs, under back-pressure that reaches into JavaScript.
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, PythonError, WorkerExitedError } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually } from '../support/waiting.js';

let client: Client;
beforeAll(async () => {
  client = await connect(sharedModule('native'), { entrypoint: 'uploads' });
});
afterAll(() => client.close());

/** Numbers from 0 on, and what became of them. */
function numbers(most = Number.POSITIVE_INFINITY) {
  const seen = { pulled: 0, closed: false };
  async function* count(): AsyncGenerator<number> {
    try {
      for (let next = 0; next < most; next += 1) {
        seen.pulled += 1;
        yield next;
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, source: count() };
}

async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const never = (): AsyncIterable<number> => ({
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
});

const closing = (seen: { closed: boolean }): Promise<boolean> =>
  eventually('the generator is closed', async () => seen.closed || undefined);

/** What a process holds in memory; 0 where that cannot be read. */
function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return 0;
  }
}

const METHODS = ['total', 'total_later', 'doubled', 'doubled_later'];

/** Numbers from 0 to 1 that a seed decides. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
}

describe('A stream as an argument', () => {
  it.each(['total', 'total_later', 'total_beside'])('is read to its end by %s', async (method) => {
    const { seen, source } = numbers(5000);
    expect(await client.call(method, [source])).toBe((5000 * 4999) / 2);
    expect(seen.closed).toBe(true);
  });

  it.each<[string, () => unknown]>([
    ['a generator', () => [1, 2, 3].values()],
    ['a readable stream of Node', () => Readable.from([1, 2, 3])],
    ['a web stream', () => new Blob(['\u0001']).stream()],
    ['nothing at all', () => numbers(0).source],
  ])('may be %s', async (name, make) => {
    const method = name === 'a web stream' ? 'size_of' : 'total';
    const expected = { 'nothing at all': 0, 'a web stream': 1 }[name] ?? 6;
    expect(await client.call(method, [make()])).toBe(expected);
  });

  it('may stand among arguments that are encoded in slices', async () => {
    const rows = [numbers(4).source];
    const more = Array.from({ length: 50_000 }, (_, id) => ({ id }));
    const request = { more, rows, scale: 2 };
    expect(await client.call('total_of_deep', [request], {}, { sliced: true })).toBe(12);
    const named = { numbers: numbers(4).source };
    expect(await client.call('total', [], named, { sliced: true })).toBe(6);
  });

  it('may stand inside a value, or be a keyword argument', async () => {
    expect(await client.call('total_of_deep', [{ rows: [numbers(4).source], scale: 2 }])).toBe(12);
    expect(await client.call('total', [], { numbers: numbers(4).source })).toBe(6);
  });

  it('is closed when Python takes a part of it', async () => {
    for (const method of ['first', 'first_later']) {
      const { seen, source } = numbers();
      expect(await client.call(method, [source, 3])).toEqual([0, 1, 2]);
      await closing(seen);
      // The window, of which some was on its way.
      expect(seen.pulled).toBeLessThan(1024);
    }
  });

  it('is closed by close(), while the method goes on', async () => {
    const { seen, source } = numbers();
    const closed = (): Promise<boolean> => closing(seen);
    expect(await client.call('close_early', [source, closed])).toEqual([0, []]);
  });

  it.each(['doubled', 'doubled_later'])('can be answered item by item: %s', async (method) => {
    const items = await collected(client.stream<number>(method, [numbers(2000).source]));
    expect(items).toEqual(Array.from({ length: 2000 }, (_, n) => 2 * n));
  });

  it('goes through two methods of one worker, one behind the other', async () => {
    const once = client.stream('doubled', [numbers(1000).source]);
    const items = await collected(client.stream<number>('doubled', [once]));
    expect(items).toEqual(Array.from({ length: 1000 }, (_, n) => 4 * n));
  });

  it.each(['doubled', 'doubled_later'])(
    'goes on through both as it comes, at most an item late: %s',
    async (method) => {
      const given: ((item: number) => void)[] = [];
      async function* live(): AsyncGenerator<number> {
        for (;;) yield await new Promise<number>((resolve) => given.push(resolve));
      }
      const items: number[] = [];
      const through = client.stream<number>(method, [client.stream(method, [live()])]);
      const reading = (async () => {
        for await (const item of through) {
          items.push(item);
          if (item === 4 * 8) break;
        }
      })();
      for (let item = 0; item < 10; item += 1) {
        const give = await eventually(`item ${item} is asked for`, async () => given.shift());
        give(item);
        await eventually('the one before has come through', async () =>
          items.length >= item ? true : undefined,
        );
      }
      await reading;
      expect(items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => 4 * n));
    },
  );

  it('waits for the reader of what is made of it', async () => {
    const { seen, source } = numbers();
    for await (const item of client.stream<number>('doubled_later', [source])) {
      if (item === 20) break;
    }
    await closing(seen);
    // Two windows and the batches between them.
    expect(seen.pulled).toBeLessThan(2048);
  });

  it('can be one of two that are read in turns, or at once', async () => {
    const pair = (): unknown[] => [numbers(600).source, [...Array(600).keys()].values()];
    const expected = [...Array(600).keys()];
    expect(await client.call('zipped', pair())).toEqual(expected.map((n) => [n, n]));
    expect(await client.call('gathered', pair())).toEqual([expected, expected]);
  });

  it('may call the worker that waits for it', async () => {
    async function* sums(): AsyncGenerator<number> {
      for (let n = 0; n < 5; n += 1) yield await client.call<number>('add', [n, n]);
    }
    expect(await client.call('total', [sums()])).toBe(20);
    expect(await client.call('total_later', [sums()])).toBe(20);
  });

  it('that calls the method which reads it, again and again, is told so', async () => {
    async function* nested(): AsyncGenerator<number> {
      yield await client.call<number>('total', [nested()]);
    }
    const error = await errorOf(client.call('total', [nested()]));
    expect(error.message).toContain('32 synchronous methods wait for the client');
    expect(await client.call('add', [1, 2])).toBe(3);
  });

  it('brings what it throws to Python, after the items before that', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new RangeError('no more');
    }
    expect(await client.call('caught', [failing()])).toEqual([
      [1],
      'RangeError',
      'RangeError: no more',
    ]);
    const error = await errorOf(client.call('uncaught', [failing()]));
    expect(error).toBeInstanceOf(PythonError);
    expect(error).toMatchObject({
      pythonType: 'JavaScriptError',
      message: expect.stringContaining('no more'),
    });
  });

  it('says which item cannot travel', async () => {
    const error = await errorOf(client.call('uncaught', [[1, Symbol('s')].values()]));
    expect(error).toMatchObject({
      code: 'ENCODE_FAILED',
      message: expect.stringContaining('$[1]'),
    });
  });

  it('cannot be read after its call', async () => {
    const { seen, source } = numbers();
    expect(await client.call('keep', [source])).toBe(0);
    await closing(seen);
    const error = await errorOf(
      (async () => {
        for (;;) await client.call('read_kept');
      })(),
    );
    expect(error).toMatchObject({ message: expect.stringMatching(/has ended|pop from empty/) });
  });

  it('is refused where reading it would block the event loop', async () => {
    const error = await errorOf(client.call('sync_on_loop', [numbers().source]));
    expect(error).toMatchObject({ message: expect.stringContaining('async for') });
  });

  it.each([
    ['wait_for_items', 'wait'],
    ['wait_for_items_later', 'wait later'],
  ])('is no obstacle to cancelling: %s', async (method, label) => {
    const controller = new AbortController();
    let opened = false;
    const source = {
      [Symbol.asyncIterator]: () => {
        opened = true;
        return never()[Symbol.asyncIterator]();
      },
    };
    const call = errorOf(client.call(method, [source], {}, { signal: controller.signal }));
    await eventually('Python waits', async () => opened || undefined);
    controller.abort();
    expect(await call).toMatchObject({ code: 'CALL_CANCELLED' });
    const ending = await eventually('the method has ended', async () =>
      client.call<boolean | null>('ending', [label]).then((how) => how ?? undefined),
    );
    expect(ending).toBe(true);
  });

  it('is whole and closed, whatever becomes of the others', async () => {
    const seed = Number(process.env.SYNAPSE_SEED ?? Date.now() % 1_000_000);
    const random = randomOf(seed);
    const faults: string[] = [];
    const sources = { opened: 0, closed: 0 };
    async function* counted(count: number, isSlow: boolean): AsyncGenerator<number> {
      sources.opened += 1;
      try {
        for (let item = 0; item < count; item += 1) {
          if (isSlow && item % 7 === 0) await new Promise((resume) => setTimeout(resume, 1));
          yield item;
        }
      } finally {
        sources.closed += 1;
      }
    }
    const one = async (): Promise<void> => {
      const count = Math.floor(random() * 1000);
      const source = counted(count, random() < 0.3);
      const method = METHODS[Math.floor(random() * METHODS.length)] ?? 'total';
      const stop = new AbortController();
      const timer = random() < 0.3 ? setTimeout(() => stop.abort(), random() * 30) : undefined;
      const leaveAt = random() < 0.3 ? Math.floor(random() * count) : count;
      try {
        if (method.startsWith('doubled')) {
          let read = 0;
          for await (const item of client.stream(method, [source], {}, { signal: stop.signal })) {
            if (item !== 2 * read) faults.push(`${method}: ${item} at ${read}`);
            read += 1;
            if (read > leaveAt) break;
          }
          if (leaveAt === count && read !== count) faults.push(`${method}: ${read} of ${count}`);
        } else {
          const sum = await client.call(method, [source], {}, { signal: stop.signal });
          if (sum !== (count * (count - 1)) / 2) faults.push(`${method}: ${sum} for ${count}`);
        }
      } catch (error) {
        const { code } = error as { code?: string };
        if (!stop.signal.aborted || code !== 'CALL_CANCELLED') faults.push(`${method}: ${error}`);
      } finally {
        clearTimeout(timer);
      }
    };
    for (let round = 0; round < 25; round += 1) {
      await Promise.all(Array.from({ length: 12 }, one));
    }
    expect({ seed, faults }).toEqual({ seed, faults: [] });
    await eventually('every source is closed', async () =>
      sources.closed === sources.opened ? true : undefined,
    );
  });

  it('is closed when the worker dies, and the call says so', async () => {
    const { seen, source } = numbers();
    const error = await errorOf(client.call('die_after', [source, 10]));
    expect(error).toBeInstanceOf(WorkerExitedError);
    await closing(seen);
    expect(await client.call('add', [1, 2])).toBe(3);
  });

  it('is closed when the client is terminated', async () => {
    const other = await connect(sharedModule('native'), { entrypoint: 'uploads' });
    const { seen, source } = numbers();
    async function* slow(): AsyncGenerator<number> {
      for await (const item of source) {
        yield item;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const call = errorOf(other.call('uncaught', [slow()]));
    await eventually('Python reads', async () => seen.pulled > 10 || undefined);
    await other.terminate();
    expect(await call).toMatchObject({ code: 'CLOSED' });
    await closing(seen);
  });

  it.each(['size_of', 'size_of_slowly'])(
    'carries large chunks, few at a time, in little memory: %s',
    async (method) => {
      const chunk = new Uint8Array(4 * 1024 * 1024);
      const pid = client.workers[0]?.pid ?? 0;
      const before = residentBytes(pid);
      let [pulled, most] = [0, 0];
      function* chunks(): Generator<Uint8Array> {
        for (; pulled < 40; pulled += 1) {
          most = Math.max(most, residentBytes(pid));
          yield chunk;
        }
      }
      expect(await client.call(method, [chunks()])).toBe(40 * chunk.length);
      expect(most - before).toBeLessThan(40 * chunk.length * 0.75);
    },
  );
});

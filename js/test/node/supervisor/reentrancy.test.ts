/** Callbacks that call Python again, and calls beside a method that waits for its callback. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { method } from '../../../src/core/client/define-method.js';
import type { Home } from '../../../src/core/client/module-runtime.js';
import type { PoolClient } from '../../../src/node/connect/pool-client.js';
import { EditedModule } from '../support/edited-module.js';
import { errorOf } from '../support/waiting.js';

const SOURCE = `
import asyncio
import os
import time
from synapse_worker import Module, current_context

app = Module()

@app.method
def pid():
    return os.getpid()

@app.method
def add(a, b):
    return a + b

@app.method
def nap(seconds):
    time.sleep(seconds)
    return "rested"

@app.method
def begin_nap(seconds):
    current_context().progress("begun")
    time.sleep(seconds)
    return "rested"

@app.method
def will_not_stop():
    current_context().progress("begun")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            time.sleep(60)
        except BaseException:
            pass

@app.method
async def async_nap(seconds):
    await asyncio.sleep(seconds)
    return "rested"

@app.method
def apply(f, value=1):
    return f(value)

@app.method
async def apply_async(f, value=1):
    return await f(value)

@app.method
async def apply_to_all(f, values):
    return await asyncio.gather(*map(f, values))

@app.method
async def async_mapped(f, count):
    for number in range(count):
        yield await f(number)

@app.method
def mapped(f, count):
    for number in range(count):
        yield f(number)
`;

type Numeric = (value: number) => unknown;

const start = (options = {}): Promise<PoolClient> => new EditedModule(SOURCE).start(options);
/** Longer than a worker may be silent before calls are no longer sent ahead to it. */
const A_WHILE_MS = 20;
const monotonic = performance.now.bind(performance);
let passed = 0;
beforeEach(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + passed);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Lets time pass without waiting for it; what is under way in this process goes on. */
async function aWhile(): Promise<void> {
  passed += A_WHILE_MS;
  await new Promise((resume) => setImmediate(resume));
}

const apply = (client: PoolClient, f: Numeric, options = {}): Promise<unknown> =>
  client.call('apply', [f], {}, options);

async function collected(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Lets estimates grow, so that calls are sent ahead. */
async function warm(client: PoolClient): Promise<void> {
  for (let i = 0; i < 200; i++) {
    await apply(client, (value) => value);
    await client.call('add', [1, 1]);
    await client.call('nap', [0]);
  }
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('A callback that calls its own client', () => {
  it('is answered by the only worker, which waits for it', async () => {
    const client = await start();
    const pids = await apply(client, async () => {
      await aWhile();
      return [await client.call('pid'), await client.call('pid')];
    });
    const pid = await client.call('pid');
    expect(pids).toEqual([pid, pid]);
  });

  it('comes before whatever else waits', async () => {
    const client = await start();
    const others: Promise<unknown>[] = [];
    const sum = apply(client, async (value) => {
      for (let i = 0; i < 5; i++) others.push(client.call('nap', [0.01]));
      await aWhile();
      return client.call('add', [value, 1]);
    });
    others.push(client.call('nap', [0.01]));
    expect(await sum).toBe(2);
    expect(await Promise.all(others)).toHaveLength(6);
  });

  it('may do so with callbacks of its own, many at a time', async () => {
    const client = await start();
    const all = await apply(client, () =>
      Promise.all(Array.from({ length: 50 }, (_, i) => apply(client, () => i))),
    );
    expect(all).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('is told clearly when it has done so too deeply', async () => {
    const client = await start();
    let depth = 0;
    const deeper = async (): Promise<unknown> => (++depth < 40 ? apply(client, deeper) : 'deep');
    expect((await errorOf(apply(client, deeper))).message).toMatch(/32 synchronous methods wait/);
    expect(await client.call('add', [1, 1])).toBe(2);
  });

  it('is served in each of several workers', async () => {
    const client = await start({ workers: 2 });
    const nested = Array.from({ length: 6 }, (_, i) =>
      apply(client, async () => {
        await aWhile();
        return client.call('add', [i, 1]);
      }),
    );
    expect(await Promise.all(nested)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is served through an asynchronous method in between', async () => {
    const client = await start();
    const sum = await apply(client, () =>
      client.call('apply_async', [(value: number) => client.call('add', [value, 1])]),
    );
    expect(sum).toBe(2);
  });

  it('is never held up by limits, as what waits for it holds a place', async () => {
    const client = await start({ concurrency: 1 });
    const values = Array.from({ length: 20 }, (_, n) => n);
    const sums = client.call('apply_to_all', [(n: number) => client.call('add', [n, n]), values]);
    expect(await sums).toEqual(values.map((n) => n + n));
  });

  it('is served through another client in between', async () => {
    const [client, other] = [await start(), await start()];
    const sum = await apply(client, () =>
      apply(other, async (value) => {
        await aWhile();
        return client.call('add', [value, 1]);
      }),
    );
    expect(sum).toBe(2);
  });

  it('is served by the worker that a call is bound to, though that one waits as well', async () => {
    const client = await start({ workers: 2 });
    const bound = (home: Home | undefined, name: string, args: readonly unknown[] = []) =>
      client.request(
        {
          ...{ spec: method({ name, parameters: [] }), positionals: args, keywords: undefined },
          ...{ method: name, args, kwargs: {}, home, homeless: undefined },
          receive: (value, _, from) => ({ value, home: from }),
          drop: () => undefined,
          fail: (error: unknown) => error,
        },
        {},
      ) as Promise<{ value: unknown; home: Home }>;
    const both = gate();
    let waiting = 0;
    const homes: Home[] = [];
    const cross = (at: number): Promise<unknown> =>
      bound(homes[at], 'apply', [
        async () => {
          waiting += 1;
          if (waiting === 2) both.open();
          await both.opened;
          const inner = bound(homes[1 - at], 'apply', [(value: number) => value + at]);
          return (await inner).value;
        },
      ]).then(({ value }) => value);
    const first = bound(undefined, 'nap', [0.2]);
    const second = bound(undefined, 'nap', [0.2]);
    homes.push((await first).home, (await second).home);
    expect(homes[0]).not.toBe(homes[1]);
    expect(await Promise.all([cross(0), cross(1)])).toEqual([1, 2]);
  });

  it('is served while a stream waits for it', async () => {
    const client = await start();
    const double = async (value: number): Promise<unknown> => {
      await aWhile();
      return client.call('add', [value, value]);
    };
    const [doubled, sums] = await Promise.all([
      collected(client.stream('mapped', [double, 3])),
      Promise.all([1, 2, 3].map((i) => client.call('add', [i, i]))),
    ]);
    expect(doubled).toEqual([0, 2, 4]);
    expect(sums).toEqual([2, 4, 6]);
  });

  it('may read a stream, though calls wait for the worker', async () => {
    const client = await start();
    const items = apply(client, () => collected(client.stream('mapped', [(n: number) => n, 3])));
    const after = client.call('add', [1, 1]);
    expect(await items).toEqual([0, 1, 2]);
    expect(await after).toBe(2);
  });

  it('stops its own call alone when that takes too long', async () => {
    const client = await start({ graceMs: 2_000 });
    const pid = await client.call('pid');
    const told = await apply(client, async () => {
      const late = await errorOf(client.call('nap', [30], {}, { timeoutMs: 100 }));
      return [late.name, await client.call('add', [1, 1])];
    });
    expect(told).toEqual(['CallTimeoutError', 2]);
    expect(await client.call('pid')).toBe(pid);
  });

  it('and leaves that call to itself does no harm', async () => {
    const client = await start();
    let left: Promise<unknown> = Promise.resolve();
    const held: Promise<unknown>[] = [];
    const first = await apply(client, (value) => {
      left = apply(client, () => value + 1);
      for (let i = 0; i < 3; i++) held.push(apply(client, () => i));
      return value;
    });
    expect(first).toBe(1);
    expect(await left).toBe(2);
    expect(await Promise.all(held)).toEqual([0, 1, 2]);
    expect(await client.call('add', [1, 1])).toBe(2);
  });

  it('fails with its call when the worker dies', async () => {
    const client = await start();
    const inner: Promise<unknown>[] = [];
    const outer = errorOf(
      apply(client, async () => {
        const { opened, open } = gate();
        const waitsForEver = (): Promise<unknown> => {
          open();
          return new Promise(() => undefined);
        };
        inner.push(errorOf(apply(client, waitsForEver)));
        inner.push(client.call('add', [1, 1]));
        await opened;
        process.kill(client.workers[0]?.pid ?? 0, 'SIGKILL');
        return new Promise(() => undefined);
      }),
    );
    expect(await outer).toMatchObject({ code: 'WORKER_EXITED' });
    expect(await inner[0]).toMatchObject({ code: 'WORKER_EXITED' });
    // It was held back behind the other, so it has never been sent.
    expect(await inner[1]).toBe(2);
  });
});

describe('A call whose callback calls Python, and which is given up meanwhile', () => {
  /** Gives the outer call up once the inner one runs, and returns that. */
  async function giveUpDuring(client: PoolClient, name: string, args: readonly unknown[] = []) {
    const give = new AbortController();
    const inner: Promise<unknown>[] = [];
    const callback = (): Promise<unknown> => {
      const call = client.call(name, args, {}, { onProgress: () => give.abort() });
      inner.push(call);
      return call;
    };
    const outer = apply(client, callback, { signal: give.signal });
    expect((await errorOf(outer)).name).toBe('AbortError');
    return { inner: inner[0] as Promise<unknown> };
  }

  it('takes what it calls along after the grace, and its worker goes on', async () => {
    const client = await start({ graceMs: 100 });
    const pid = await client.call('pid');
    const { inner } = await giveUpDuring(client, 'begin_nap', [60]);
    expect(await errorOf(inner)).toMatchObject({
      message: 'The call of "begin_nap" was cancelled.',
      cause: { message: expect.stringContaining('The call of "apply" was given up.') },
    });
    expect(await client.call('pid')).toBe(pid);
  });

  it('lets what it calls end within the grace', async () => {
    const client = await start({ graceMs: 5_000 });
    const pid = await client.call('pid');
    const { inner } = await giveUpDuring(client, 'begin_nap', [0.05]);
    expect(await inner).toBe('rested');
    expect(await client.call('pid')).toBe(pid);
  });

  it('takes all of it along, however deep', async () => {
    const client = await start({ graceMs: 100 });
    const pid = await client.call('pid');
    const give = new AbortController();
    const ends: Promise<string>[] = [];
    const deeper = (depth: number): Promise<unknown> => {
      const options = { onProgress: () => give.abort() };
      const call =
        depth === 3
          ? client.call('begin_nap', [60], {}, options)
          : apply(client, () => deeper(depth + 1));
      ends.push(errorOf(call).then(({ name }) => name));
      return call;
    };
    const outer = apply(client, () => deeper(1), { signal: give.signal });
    expect((await errorOf(outer)).name).toBe('AbortError');
    expect(await client.call('pid')).toBe(pid);
    expect(await Promise.all(ends)).toEqual(['AbortError', 'AbortError', 'AbortError']);
  });

  it('costs the worker where what it calls does not stop', async () => {
    const client = await start({ graceMs: 100 });
    const pid = await client.call('pid');
    const { inner } = await giveUpDuring(client, 'will_not_stop');
    expect((await errorOf(inner)).name).toBe('AbortError');
    expect(await client.call('pid')).not.toBe(pid);
  });
});

describe('Calls beside a method that waits for its callback', () => {
  it('never run inside that wait: a hundred at once all succeed', async () => {
    const client = await start();
    await warm(client);
    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 100 }, (_, i) => apply(client, () => i));
      expect(await Promise.all(calls)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    }
  });

  it('end after it, so that their callbacks may wait for it', async () => {
    const client = await start();
    await warm(client);
    const first = apply(client, async () => {
      await aWhile();
      return 1;
    });
    const second = apply(client, async () => {
      await first;
      return 2;
    });
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });

  it('do not keep it from its end, nor cost it the worker when it is late', async () => {
    const client = await start({ graceMs: 200 });
    await warm(client);
    const pid = await client.call('pid');
    const never = errorOf(apply(client, () => new Promise(() => undefined), { timeoutMs: 100 }));
    const nap = client.call('nap', [0.6]);
    expect((await never).name).toBe('CallTimeoutError');
    expect(await nap).toBe('rested');
    expect(await client.call('pid')).toBe(pid);
  });

  it('have a clock of their own, if they are asynchronous', async () => {
    const client = await start();
    const { opened, open } = gate();
    const waiting = apply(client, () => opened);
    await aWhile();
    const late = await errorOf(client.call('async_nap', [30], {}, { timeoutMs: 50 }));
    expect(late.name).toBe('CallTimeoutError');
    open();
    await waiting;
  });
});

describe('A call for which there is no room', () => {
  it('holds up no asynchronous call and no stream that needs none', async () => {
    const client = await start();
    const { opened, open } = gate();
    const waiting = apply(client, () => opened);
    await aWhile();
    const queued = client.call('add', [1, 1]);
    expect(await client.call('async_nap', [0])).toBe('rested');
    expect(await collected(client.stream('mapped', [(n: number) => n, 2]))).toEqual([0, 1]);
    expect(client.queued).toBe(1);
    open();
    await waiting;
    expect(await queued).toBe(2);
  });

  it('counts against the queue, whatever its kind', async () => {
    const client = await start({ maxQueue: 1 });
    const { opened, open } = gate();
    const waiting = apply(client, () => opened);
    await aWhile();
    const queued = client.call('add', [1, 1]);
    expect((await errorOf(client.call('add', [1, 1]))).code).toBe('QUEUE_FULL');
    open();
    await waiting;
    expect(await queued).toBe(2);
  });
});

describe('A function of a call that was aborted', () => {
  it('is not called any more, though Python had asked for it', async () => {
    const client = await start();
    const give = new AbortController();
    const called: number[] = [];
    const f = (value: number): void => {
      called.push(value);
      if (value === 3) give.abort();
    };
    const values = Array.from({ length: 100 }, (_, n) => n);
    const call = client.call('apply_to_all', [f, values], {}, { signal: give.signal });
    expect((await errorOf(call)).name).toBe('AbortError');
    // What was asked for has been answered by the time that the worker is at the next call.
    expect(await client.call('add', [1, 1])).toBe(2);
    expect(called).toEqual([0, 1, 2, 3]);
  });
});

describe('A callback that closes the client', () => {
  it.each([
    ['a method', 'apply'],
    ['an async method', 'apply_async'],
  ])(
    'of %s and waits for that is not waited for longer than the grace',
    async (_, name) => {
      const client = await start({ closeTimeoutMs: 60_000, graceMs: 100 });
      const later = async (): Promise<void> => {
        await undefined;
        await client.close();
      };
      expect((await errorOf(client.call(name, [later]))).code).toBe('CLOSED');
      await client.close();
      expect(client.workers).toEqual([]);
    },
    10_000,
  );

  it('of an async stream and waits for that is not waited for longer than the grace', async () => {
    const client = await start({ closeTimeoutMs: 60_000, graceMs: 100 });
    const items = collected(client.stream('async_mapped', [() => client.close(), 3]));
    expect((await errorOf(items)).code).toBe('CLOSED');
  });

  it('and goes on has its call finished', async () => {
    const client = await start({ closeTimeoutMs: 60_000, graceMs: 100 });
    let closed: Promise<void> | undefined;
    const result = apply(client, (value) => {
      closed = client.close();
      return value + 1;
    });
    expect(await result).toBe(2);
    await closed;
  });
});

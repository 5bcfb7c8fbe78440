// JavaScript functions as arguments: Python calls them and waits for what they return.
import { describe, expect, it } from '@jest/globals';
import { errorOf } from '../support/waiting.js';
import { Sku } from './generated/shop.js';
import { collected, openShop } from './shop.js';

const shop = openShop();
const items = [
  { sku: Sku('A'), price: 1 },
  { sku: Sku('B'), price: 2 },
];

describe('A callback', () => {
  it('is called with typed values, and its result is what Python goes on with', async () => {
    const asked: unknown[] = [];
    const total = await shop.client.total_of(items, (item) => {
      asked.push(item);
      return item.price * 10;
    });
    expect(total).toBe(30);
    expect(asked).toStrictEqual(items.map((item) => ({ ...item, amount: 1 })));
  });

  it('may travel among arguments that are encoded in slices, and have others so encoded', async () => {
    const sliced = { sliced: true };
    const many = Array.from({ length: 5_000 }, () => items).flat();
    let inner = 0;
    const price = async (): Promise<number> => {
      if (inner++ === 0) return shop.client.total_of(many, () => 1, sliced);
      return 0;
    };
    expect(await shop.client.total_of(items, price, sliced)).toBe(10_000);
  });

  it('may be asynchronous', async () => {
    const total = await shop.client.total_of(items, async ({ price }) => {
      await new Promise((resume) => setImmediate(resume));
      return price;
    });
    expect(total).toBe(3);
  });

  it('is awaited by asynchronous Python', async () => {
    const told = await shop.client.watch(2, async (change, at) => `${change} ${at.toISOString()}`);
    expect(told).toEqual(['1 2026-01-01T00:00:00.000Z', '2 2026-01-02T00:00:00.000Z']);
  });

  it('may call Python itself', async () => {
    const total = await shop.client.watch(1, async (change) =>
      String(await shop.client.$client.call('was_stopped').then(() => change + 1)),
    );
    expect(total).toEqual(['2']);
  });

  it('serves a stream', async () => {
    expect(await collected(shop.client.streamed(4, (number) => number ** 2))).toEqual([0, 1, 4, 9]);
  });

  it('that throws is an exception in Python, with its message', async () => {
    const told = await shop.client.guarded(() => {
      throw new RangeError('too far');
    });
    expect(told).toContain('too far');
    expect(await shop.client.guarded(() => Promise.reject(new Error('later')))).toContain('later');
    expect(
      await shop.client.guarded(() => {
        throw 'a text'; // what JavaScript allows
      }),
    ).toContain('a text');
  });

  it('that throws rejects the call where Python lets it pass', async () => {
    const error = await errorOf(
      shop.client.unguarded(() => {
        throw new Error('out of order');
      }),
    );
    expect(error.message).toContain('out of order');
  });

  it('whose result does not fit is told so', async () => {
    const back = (() => 'three') as unknown as () => number;
    expect(await shop.client.guarded(back)).toMatch(/must be int, got str/);
  });

  it('is released with its call: to call it later is an error that says so', async () => {
    await shop.client.keep(() => 1);
    expect(await shop.client.call_kept()).toMatch(/has ended/);
  });

  it('is called a thousand times in order', async () => {
    const seen: number[] = [];
    const squares = await collected(
      shop.client.streamed(1000, (number) => {
        seen.push(number);
        return number;
      }),
    );
    expect(squares).toEqual(seen);
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });

  it('does not keep its call from being cancelled', async () => {
    const stop = new AbortController();
    const hanging = shop.client.total_of(
      items,
      () => {
        stop.abort();
        return new Promise<number>(() => undefined);
      },
      { signal: stop.signal },
    );
    expect((await errorOf(hanging)).name).toBe('AbortError');
    expect(await shop.client.total_of(items, ({ price }) => price)).toBe(3);
  });
});

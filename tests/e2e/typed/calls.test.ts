// Typed calls: parameters of every kind, streams, limits, and the text of each refusal.
import { describe, expect, it } from '@jest/globals';
import { CallTimeoutError, SynapseError, ValidationError } from 'synapse-worker';
import { errorOf, eventually } from '../support/waiting.js';
import { Sku } from './generated/shop.js';
import { collected, openShop } from './shop.js';

const shop = openShop();
const order = { customer: 'Ann', items: [{ sku: Sku('S-1'), price: 2.5, amount: 2 }] };

// What a caller without types could do.
const untyped = (): Record<string, (...args: unknown[]) => Promise<unknown>> =>
  shop.client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;

describe('A typed call', () => {
  it('takes positional arguments, keywords, and options last', async () => {
    const receipt = await shop.client.checkout(
      order,
      { express: true, rebate: 0.5 },
      { timeoutMs: 5_000 },
    );
    expect(receipt).toStrictEqual({
      total: 7.5,
      order: { ...order, placed: null, tags: {} },
      at: new Date('2026-01-31T00:00:00Z'),
    });
  });

  it('is encoded in slices where that is asked for, and reads its answer and errors as ever', async () => {
    const items = Array.from({ length: 20_000 }, (_, n) => ({
      sku: Sku(`S-${n}`),
      price: 1,
      amount: 1,
    }));
    const receipt = await shop.client.checkout(
      { customer: 'Ann', items },
      { express: false },
      { sliced: true },
    );
    expect([receipt.total, receipt.order.items]).toEqual([20_000, items]);
    expect(receipt.at).toEqual(new Date('2026-01-31T00:00:00Z'));
    const odd = { sliced: 1 } as unknown as { sliced: boolean };
    expect(await errorOf(shop.client.checkout(order, { express: false }, odd))).toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'sliced must be true or false, not 1.',
    });
  });

  it('carries a parameter of every kind to its place', async () => {
    const { client } = shop;
    expect(await client.kinds(1)).toEqual([1, 'b', null, [], 1, {}]);
    expect(await client.kinds(1, 'x', 'y', [1, 2.5], { key: 3, more: true, other: false })).toEqual(
      [1, 'x', 'y', [1, 2.5], 3, { more: true, other: false }],
    );
    expect(await client.kinds(1, undefined, 'y')).toEqual([1, 'b', 'y', [], 1, {}]);
    expect(await client.kinds(1, 'x', null, undefined, { key: 2 })).toEqual([
      1,
      'x',
      null,
      [],
      2,
      {},
    ]);
  });

  it('may leave out an optional argument in the middle', async () => {
    expect(await shop.client.middle(undefined, undefined, 9)).toEqual([1, 2, 9]);
    expect(await shop.client.middle(7, undefined, 9)).toEqual([7, 2, 9]);
    expect(await shop.client.skips(7)).toEqual([7, 2, 3]);
  });

  it('may leave one out also where its place must be kept', async () => {
    expect(await shop.client.skips(7, undefined, 9)).toEqual([7, 2, 9]);
    expect(await shop.client.skips(undefined, undefined, 9)).toEqual([1, 2, 9]);
    expect(await shop.client.kinds(1, undefined, undefined, [3], { key: 2 })).toEqual([
      1,
      'b',
      null,
      [3],
      2,
      {},
    ]);
  });

  it('says where there are too many of them', async () => {
    const error = await errorOf(untyped().middle!(1, 2, 3, 4));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.code).toBe('INVALID_ARGUMENTS');
    expect(error.message).toMatch(/^shop\.middle\(\): there are too many arguments: it takes "a"/);
    expect((await errorOf(untyped().middle!(1, 2, 3, { timeout: 4 }))).message).toMatch(
      /^shop\.middle\(\): a call has no option "timeout"/,
    );
  });

  it('has the result of the overload it matches', async () => {
    const one = await shop.client.find(1);
    const many = await shop.client.find('x');
    expect(one.sku).toBe('S-1');
    expect(many.map(({ sku }) => sku)).toEqual(['S-x', 'S-x']);
  });

  it('reports progress and obeys a timeout and a signal', async () => {
    const seen: unknown[] = [];
    expect(await shop.client.steps(2, { onProgress: (value) => seen.push(value) })).toBe(2);
    expect(seen).toEqual([{ step: 0 }, { step: 1 }]);

    const late = await errorOf(shop.client.grind(60, { timeoutMs: 100 }));
    expect(late).toBeInstanceOf(CallTimeoutError);

    const stop = new AbortController();
    const running = shop.client.grind(60, { signal: stop.signal });
    stop.abort();
    expect((await errorOf(running)).name).toBe('AbortError');
  });

  it('is there untyped as well', async () => {
    expect(await shop.client.$client.call('middle', [1], { c: 5 })).toEqual([1, 2, 5]);
  });
});

describe('A typed client', () => {
  it('takes what a call can be told, and tells what an untyped one does', async () => {
    const told: unknown[] = [];
    const off = shop.client.$client.on('timeout', (event) => told.push(event));
    const before = shop.client.$client.stats().methods.middle?.completed ?? 0;
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const options = { queueTimeoutMs: 60_000, idempotent: true, priority: 1, traceparent };
    expect(await shop.client.middle(1, 2, 3, options)).toEqual([1, 2, 3]);
    const late = await errorOf(shop.client.grind(60, { totalTimeoutMs: 200 }));
    off();
    expect(late).toMatchObject({ code: 'CALL_TIMEOUT', clock: 'total', timeoutMs: 200 });
    expect(told).toEqual([{ method: 'grind', clock: 'total', timeoutMs: 200 }]);
    expect(shop.client.$client.stats().methods.middle?.completed).toBe(before + 1);
    expect(shop.client.$client.metrics()).toContain('method="middle",outcome="completed"');
    expect(shop.client.$client.needsDrain).toBe(false);
    const refused = shop.client.middle(1, 2, 3, { timeout: 5 } as never);
    expect((await errorOf(refused)).message).toContain('a call has no option "timeout"');
  });
});

describe('Arguments that do not fit are refused before any code of the module runs', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a wrong type deep inside',
      () =>
        untyped().checkout!(
          { customer: 'A', items: [{ sku: 'S', price: 'x' }] },
          { express: true },
        ),
      /^shop\.checkout\(\): argument "order\.items\[0\]\.price" must be float, got str "x"\.$/,
    ],
    ['no bool for an int', () => untyped().middle!(true), /"a" must be int, got bool/],
    ['no text for a number', () => untyped().middle!('1'), /"a" must be int, got str/],
    ['a fraction for an int', () => untyped().middle!(1.5), /"a" must be int, got float/],
    [
      'a missing field',
      () => untyped().checkout!({ items: [] }, { express: true }),
      /"order\.customer" is missing/,
    ],
    ['a missing keyword', () => untyped().checkout!(order), /express.* is missing/],
    [
      'an unknown keyword',
      () => untyped().checkout!(order, { express: true, x: 1 }),
      /no keyword argument .x./,
    ],
    ['a bound', () => untyped().bounded!(11), /"count" must be at most 10, got int 11/],
    [
      'a length',
      () => untyped().bounded!(1, 'a'),
      /"name" must be of length at least 2, got str "a"/,
    ],
    [
      'a literal',
      () => untyped().fail!('other'),
      /"kind" must be one of "shop", .*, got str "other"/,
    ],
    [
      'a keyword by its type',
      () => untyped().checkout!(order, { express: 1 }),
      /"express" must be bool, got int/,
    ],
    [
      'one of the rest',
      () => untyped().kinds!(1, 'b', null, [1, 'x']),
      /"rest\[1\]" must be float, got str/,
    ],
    [
      'one of the names',
      () => untyped().kinds!(1, 'b', null, [], { y: 1 }),
      /"y" must be bool, got int 1/,
    ],
  ])('%s', async (_, call, message) => {
    const error = await errorOf(call());
    expect(error.message).toMatch(message);
    expect(['VALIDATION_FAILED', 'INVALID_ARGUMENTS']).toContain(error.code);
  });

  it('with a typed error that names method, parameter and path', async () => {
    const error = await errorOf(
      untyped().checkout!({ customer: 'A', items: [{ sku: 'S', price: null }] }, { express: true }),
    );
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toBeInstanceOf(SynapseError);
    expect(error).toMatchObject({
      code: 'VALIDATION_FAILED',
      retryable: false,
      details: {
        method: 'checkout',
        parameter: 'order',
        expected: 'float',
        got: expect.stringContaining('None'),
      },
    });
  });

  it('by an untyped call, too', async () => {
    const error = await errorOf(shop.client.$client.call('middle', ['1']));
    expect(error.code).toBe('VALIDATION_FAILED');
  });
});

describe('A typed stream', () => {
  it('brings typed items and stops Python when the loop is left', async () => {
    const prices: number[] = [];
    for await (const { price } of shop.client.prices(1, { step: 1 })) {
      prices.push(price);
      if (prices.length === 3) break;
    }
    expect(prices).toEqual([1, 2, 3]);
    await eventually('the generator ended', async () =>
      (await shop.client.was_stopped()).includes('prices'),
    );
  });

  it('decodes every item', async () => {
    expect(await collected(shop.client.arrivals(2))).toStrictEqual([
      new Date('2026-01-01T00:00:00Z'),
      new Date('2026-01-01T00:00:01Z'),
    ]);
  });

  it('refuses wrong arguments at its first item', async () => {
    const stream = (
      shop.client as unknown as { prices(start: string): AsyncIterable<unknown> }
    ).prices('x');
    expect((await errorOf(collected(stream))).code).toBe('VALIDATION_FAILED');
  });

  it('is cancelled by its signal', async () => {
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _ of shop.client.prices(1, undefined, { signal: stop.signal })) stop.abort();
    })();
    expect((await errorOf(reading)).name).toBe('AbortError');
  });
});

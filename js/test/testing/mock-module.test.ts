import { describe, expect, it, jest } from '@jest/globals';
import { mockModule } from '../../src/testing/index.js';
import { Counter, OutOfStock, Pricing, type Quote } from './pricing.js';

const AT = new Date('2026-01-31T12:00:00Z');
const quoteOf = (symbol: string): Quote => ({ symbol, price: 1.5, at: AT });

async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => Promise.reject(new Error('it resolved')),
    (error) => error,
  );
}

describe('A mocked function', () => {
  it('answers with what its handler returns, at once or later', async () => {
    const pricing = mockModule(Pricing, { quote: quoteOf, size: async () => 3 });
    expect(pricing).toBeInstanceOf(Pricing);
    expect(await pricing.quote('ACME')).toEqual(quoteOf('ACME'));
    expect(await pricing.size()).toBe(3);
  });

  it('may be a mock function of the test runner', async () => {
    const quote = jest.fn((symbol: string, _keywords?: { depth?: number | undefined }) =>
      quoteOf(symbol),
    );
    const pricing = mockModule(Pricing, { quote });
    await pricing.quote('ACME', { depth: 3 });
    expect(quote).toHaveBeenCalledWith('ACME', { depth: 3 });
  });

  it('gets the options of the call last, and may report progress', async () => {
    const seen: unknown[] = [];
    const pricing = mockModule(Pricing, {
      quote(symbol, _keywords, options) {
        options?.onProgress?.({ at: 1 });
        return quoteOf(symbol);
      },
    });
    await pricing.quote('ACME', undefined, { onProgress: (value) => seen.push(value) });
    expect(seen).toEqual([{ at: 1 }]);
  });

  it('gives its caller a copy, as Python does', async () => {
    const given = quoteOf('ACME');
    const pricing = mockModule(Pricing, { quote: () => given });
    const got = await pricing.quote('ACME');
    expect(got).toEqual(given);
    expect(got).not.toBe(given);
    expect(got.at).toBeInstanceOf(Date);
  });

  it('passes values that a plan reads and writes both ways', async () => {
    const pricing = mockModule(Pricing, { tags: (values) => new Set(values) });
    expect(await pricing.tags(new Set(['a', 'b']))).toEqual(new Set(['a', 'b']));
  });

  it('may call its callbacks', async () => {
    const pricing = mockModule(Pricing, {
      each: (callback) => {
        callback(1);
        callback(2);
        return null;
      },
    });
    const seen: number[] = [];
    await pricing.each((at) => seen.push(at));
    expect(seen).toEqual([1, 2]);
  });

  it('reads what it is given to iterate over', async () => {
    const pricing = mockModule(Pricing, {
      async ingest(quotes) {
        let count = 0;
        for await (const { price } of quotes) count += price;
        return count;
      },
    });
    async function* quotes(): AsyncGenerator<Quote> {
      yield quoteOf('A');
      yield quoteOf('B');
    }
    expect(await pricing.ingest(quotes())).toBe(3);
    expect(await pricing.ingest([quoteOf('A')])).toBe(1.5);
  });
});

describe('What Python could not have returned', () => {
  it('is refused when it cannot travel', async () => {
    const pricing = mockModule(Pricing, { size: () => Symbol('3') as unknown as number });
    expect(await rejection(pricing.size())).toMatchObject({ code: 'ENCODE_FAILED' });
  });

  it('is refused when it is not of the declared type', async () => {
    const wrong = { symbol: 'ACME', price: 1, at: 'noon' } as unknown as Quote;
    const pricing = mockModule(Pricing, { quote: () => wrong });
    const error = await rejection(pricing.quote('ACME'));
    expect(error).toMatchObject({ code: 'RESULT_INVALID' });
    expect(error.message).toContain('$.at');
  });

  it('is refused when it is an integer that no number holds', async () => {
    const pricing = mockModule(Pricing, { size: () => (2n ** 60n) as unknown as number });
    expect(await rejection(pricing.size())).toMatchObject({ code: 'INTEGER_OUT_OF_RANGE' });
  });

  it('is refused as an argument too', async () => {
    const pricing = mockModule(Pricing, { quote: quoteOf });
    const symbol = Symbol('ACME') as unknown as string;
    expect(await rejection(pricing.quote(symbol))).toMatchObject({ code: 'ENCODE_FAILED' });
    expect(pricing.mock.calls.quote).toEqual([]);
  });
});

describe('A mocked stream', () => {
  it('yields what its handler makes, from any iterable', async () => {
    const pricing = mockModule(Pricing, {
      *ticks(symbol) {
        for (let index = 0; index < 100; index++) yield { ...quoteOf(symbol), price: index };
      },
    });
    const prices: number[] = [];
    for await (const { price, at } of pricing.ticks('ACME')) {
      expect(at).toEqual(AT);
      prices.push(price);
    }
    expect(prices).toEqual(Array.from({ length: 100 }, (_, index) => index));
    pricing.mock.handle({ ticks: () => [quoteOf('B')] });
    expect((await pricing.ticks('B').next()).value).toEqual(quoteOf('B'));
  });

  it('is closed when it is left, and is not far ahead of its reader', async () => {
    let made = 0;
    let closed = false;
    const pricing = mockModule(Pricing, {
      async *ticks(symbol) {
        try {
          for (;;) {
            made += 1;
            yield quoteOf(symbol);
          }
        } finally {
          closed = true;
        }
      },
    });
    for await (const _ of pricing.ticks('ACME')) break;
    expect(closed).toBe(true);
    expect(made).toBeLessThan(100);
  });

  it('fails after its items when its handler throws, or yields what Python could not', async () => {
    const pricing = mockModule(Pricing, {
      *ticks(symbol) {
        yield quoteOf(symbol);
        throw new OutOfStock('none', { details: { symbol, until: AT } });
      },
    });
    const stream = pricing.ticks('ACME');
    expect((await stream.next()).value).toEqual(quoteOf('ACME'));
    expect(await rejection(stream.next())).toBeInstanceOf(OutOfStock);
    pricing.mock.handle({ ticks: () => [{ at: 'noon' } as unknown as Quote] });
    expect(await rejection(pricing.ticks('ACME').next())).toMatchObject({ code: 'RESULT_INVALID' });
    pricing.mock.handle({ ticks: () => 5 as unknown as Quote[] });
    expect((await rejection(pricing.ticks('ACME').next())).message).toContain('iterated over');
  });
});

describe('A mocked service', () => {
  const handlers = {
    Counter: {
      create: (start = 0) => {
        let value = start;
        return {
          increment(by = 1) {
            value += by;
            return value;
          },
          history: () => [1, 2],
        };
      },
    },
  };

  it('makes instances that keep their own state', async () => {
    const pricing = mockModule(Pricing, handlers);
    const [one, other] = [await pricing.Counter.create(10), await pricing.Counter.create()];
    expect(one).toBeInstanceOf(Counter);
    expect(await one.increment(5)).toBe(15);
    expect(await one.increment()).toBe(16);
    expect(await other.increment()).toBe(1);
    const items: number[] = [];
    for await (const item of one.history()) items.push(item);
    expect(items).toEqual([1, 2]);
  });

  it('rejects once it is closed', async () => {
    const pricing = mockModule(Pricing, handlers);
    const counter = await pricing.Counter.create();
    await counter.close();
    expect(await rejection(counter.increment())).toMatchObject({ code: 'SERVICE_CLOSED' });
  });

  it('is what functions return too', async () => {
    const pricing = mockModule(Pricing, {
      current: (name) => (name === 'none' ? null : { increment: () => 7 }),
      Counter: { from_file: (path) => ({ increment: () => path.length }) },
    });
    expect(await pricing.current('none')).toBeNull();
    expect(await (await pricing.current('one'))?.increment()).toBe(7);
    expect(await (await pricing.Counter.from_file('abc')).increment()).toBe(3);
  });
});

describe('What is not mocked', () => {
  it('rejects, and says what to do', async () => {
    const pricing = mockModule(Pricing, { size: () => 1, Counter: { create: () => ({}) } });
    const error = await rejection(pricing.quote('ACME'));
    expect(error).toMatchObject({ code: 'METHOD_NOT_FOUND' });
    expect(error.message).toBe(
      'Pricing: quote() is not mocked; give mockModule() a handler for it: { quote: … }. Mocked: size, Counter.',
    );
    expect((await rejection(pricing.ticks('ACME').next())).message).toContain('ticks: …');
    expect((await rejection(pricing.Counter.from_file('x'))).message).toContain(
      '{ Counter: { from_file: … } }',
    );
    const counter = await pricing.Counter.create();
    expect((await rejection(counter.increment())).message).toBe(
      'Pricing: Counter.increment() is not mocked; return a handler for it from the one that made the ' +
        'instance: { increment: … }. Mocked: nothing.',
    );
  });

  it('is the untyped client', async () => {
    const pricing = mockModule(Pricing);
    expect((await rejection(pricing.$client.call('quote'))).message).toContain('untyped');
  });
});

describe('Failures', () => {
  it('of a declared class arrive as Python would have raised them', async () => {
    const pricing = mockModule(Pricing, {
      quote(symbol) {
        throw new OutOfStock('nothing left', { details: { symbol, until: AT } });
      },
    });
    const error = await rejection(pricing.quote('ACME'));
    expect(error).toBeInstanceOf(OutOfStock);
    expect(error).toMatchObject({
      code: 'PYTHON_EXCEPTION',
      pythonType: 'OutOfStock',
      message: 'nothing left',
      details: { symbol: 'ACME', until: AT },
    });
  });

  it('of the test itself arrive as they are', async () => {
    const mistake = new TypeError('a mistake');
    const pricing = mockModule(Pricing, { size: () => Promise.reject(mistake) });
    expect(await rejection(pricing.size())).toBe(mistake);
  });

  it('are missing arguments, found before the handler runs', async () => {
    const pricing = mockModule(Pricing, { quote: quoteOf });
    const error = await rejection(pricing.quote(undefined as unknown as string));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS' });
  });
});

describe('Signals and the end', () => {
  it('A call is given up when its signal is aborted', async () => {
    const pricing = mockModule(Pricing, { size: () => new Promise<number>(() => undefined) });
    const controller = new AbortController();
    const pending = rejection(pricing.size({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await pending).toMatchObject({ code: 'CALL_CANCELLED', name: 'AbortError' });
    expect(await rejection(pricing.size({ signal: controller.signal }))).toMatchObject({
      code: 'CALL_CANCELLED',
    });
  });

  it('A closed mock rejects, as a closed client does', async () => {
    const pricing = mockModule(Pricing, { size: () => 1 });
    await pricing.close();
    await pricing.close();
    expect(await rejection(pricing.size())).toMatchObject({ code: 'CLOSED' });
  });
});

describe('The record', () => {
  it('holds the arguments of every call as they were written', async () => {
    const pricing = mockModule(Pricing, {
      quote: quoteOf,
      ticks: () => [],
      Counter: { create: () => ({ increment: () => 1 }) },
    });
    expect(pricing.mock.calls.quote).toEqual([]);
    await pricing.quote('ACME');
    await pricing.quote('B', { depth: 2 }, { timeoutMs: 5 });
    await pricing.ticks('C').next();
    const counter = await pricing.Counter.create(3);
    await counter.increment();
    expect(pricing.mock.calls).toEqual({
      quote: [['ACME'], ['B', { depth: 2 }, { timeoutMs: 5 }]],
      ticks: [['C']],
      tags: [],
      size: [],
      each: [],
      ingest: [],
      current: [],
      Counter: { create: [[3]], from_file: [], increment: [[]], history: [] },
    });
    pricing.mock.reset();
    expect(pricing.mock.calls.quote).toEqual([]);
  });

  it('holds calls that were not mocked too', async () => {
    const pricing = mockModule(Pricing);
    await rejection(pricing.quote('ACME'));
    expect(pricing.mock.calls.quote).toEqual([['ACME']]);
  });
});

it('Handlers of another type do not compile', () => {
  // @ts-expect-error a quote has a price
  mockModule(Pricing, { quote: () => ({ symbol: 'ACME', at: AT }) });
  // @ts-expect-error there is no such function
  mockModule(Pricing, { quotes: quoteOf });
  // @ts-expect-error a symbol is a string
  mockModule(Pricing, { quote: (symbol: number) => quoteOf(String(symbol)) });
  // @ts-expect-error a stream yields
  mockModule(Pricing, { ticks: async () => quoteOf('ACME') });
  // @ts-expect-error close() belongs to the client
  mockModule(Pricing, { close: async () => undefined });
  const pricing = mockModule(Pricing);
  const calls: readonly Parameters<Pricing['quote']>[] = pricing.mock.calls.quote;
  const increments: readonly Parameters<Counter['increment']>[] =
    pricing.mock.calls.Counter.increment;
  expect([...calls, ...increments]).toEqual([]);
});

// Services: stateful classes of Python, each instance in one worker, as classes in TypeScript.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sharedModule } from '../support/scratch.js';
import { errorOf } from '../support/waiting.js';
import { Counter, connect, type Shop } from './generated/shop.js';
import { collected, openShop } from './shop.js';

const shop = openShop();

describe('A service', () => {
  it('keeps its state from call to call, each instance its own', async () => {
    const one = await shop.client.Counter.create(10);
    const other = await shop.client.Counter.create();
    expect(one).toBeInstanceOf(Counter);
    expect([await one.increment(), await one.increment(5), await other.increment()]).toEqual([
      11, 16, 1,
    ]);
    expect(await one.later(4)).toBe(20);
    await one.close();
    await other.close();
  });

  it('streams, decodes and calls back as functions do', async () => {
    const counter = await shop.client.Counter.create(3, { name: 'many' });
    expect(await counter.born()).toStrictEqual(new Date('2026-01-31T00:00:00Z'));
    const told: number[] = [];
    await counter.each(2, (number) => void told.push(number));
    expect(told).toEqual([3, 4]);
    expect(await collected(counter.countdown())).toEqual([2, 1, 0]);
    await counter.close();
  });

  it('is given by its class methods, by other instances and by functions', async () => {
    const { client } = shop;
    const counted = await client.Counter.of('four');
    const twin = await counted.twin();
    const opened = await client.open_counter(7);
    expect(await client.Counter.limit()).toBe(1_000_000);
    expect([await counted.increment(), await twin.increment(), await opened.increment()]).toEqual([
      5, 5, 8,
    ]);
    await Promise.all([counted.close(), twin.close(), opened.close()]);
  });

  it('runs its own close when it is given back, once', async () => {
    const counter = await shop.client.Counter.create(0, { name: 'brief' });
    await counter[Symbol.asyncDispose]();
    await counter[Symbol.asyncDispose]();
    const closed = await shop.client.was_closed();
    expect(closed.filter((name) => name === 'brief')).toEqual(['brief']);
  });

  it('answers with SERVICE_CLOSED afterwards', async () => {
    const counter = await shop.client.Counter.create();
    await counter[Symbol.asyncDispose]();
    expect((await errorOf(counter.increment())).code).toBe('SERVICE_CLOSED');
  });

  it('that refuses to start rejects with what it raised', async () => {
    expect(await errorOf(shop.client.Counter.create(-1))).toMatchObject({
      pythonType: 'ValueError',
      message: 'a count starts at 0 or above',
    });
  });

  it('validates the arguments of its constructor and its methods', async () => {
    const loose = shop.client.Counter as unknown as { create(start: string): Promise<Counter> };
    expect((await errorOf(loose.create('x'))).message).toMatch(
      /Counter.*"start" must be int, got str/,
    );
    const till = await shop.client.Till.create();
    const pay = till.pay.bind(till) as unknown as (amount: string) => Promise<number>;
    expect((await errorOf(pay('x'))).message).toMatch(/pay.*"amount" must be float, got str/);
    await till.close();
  });
});

describe('With several workers, a service', () => {
  let client: Shop;
  beforeAll(async () => {
    client = await connect({ dir: sharedModule('shop'), workers: 2, onLog: () => undefined });
  }, 120_000);
  afterAll(() => client?.close());

  it('stays with the worker that holds it', async () => {
    const counters = await Promise.all(
      [1, 2, 3, 4].map((start) => client.Counter.create(start * 100)),
    );
    for (let round = 1; round <= 5; round += 1) {
      const counts = await Promise.all(counters.map((counter) => counter.increment()));
      expect(counts).toEqual([100 + round, 200 + round, 300 + round, 400 + round]);
    }
    await Promise.all(counters.map((counter) => counter.close()));
  });

  it('whose worker died says so, and the other worker serves on', async () => {
    const counters = await Promise.all([1, 2, 3, 4].map((start) => client.Counter.create(start)));
    expect((await errorOf(client.die())).code).toBe('WORKER_EXITED');
    const answers = await Promise.allSettled(counters.map((counter) => counter.increment()));
    const codes = answers.map((answer) =>
      answer.status === 'rejected' ? (answer.reason as { code: string }).code : 'alive',
    );
    expect(codes).toContain('SERVICE_CLOSED');
    expect(codes).toContain('alive');
    expect(await client.middle()).toEqual([1, 2, 3]);
  });
});

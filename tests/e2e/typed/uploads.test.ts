// Iterables as typed arguments: Python reads what they give, converted and checked item by item.
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ValidationError } from 'synapse-worker';
import { errorOf } from '../support/waiting.js';
import { type Item, type ItemInput, Sku } from './generated/shop.js';
import { collected, openShop } from './shop.js';

const shop = openShop();
const items: ItemInput[] = [
  { sku: Sku('A'), price: 1 },
  { sku: Sku('B'), price: 2 },
];

async function* later(): AsyncGenerator<ItemInput> {
  for (const item of items) yield item;
}

describe('A typed stream as an argument', () => {
  it('may be an array, an iterator, an async generator or a readable stream', async () => {
    for (const given of [items, items.values(), later(), Readable.from(items), new Set(items)]) {
      expect(await shop.client.ingest(given as AsyncIterable<Item>)).toBe(3);
    }
  });

  it('brings items of the types that Python asks for, and gets typed items back', async () => {
    const days = [new Date(0), new Date('2024-02-29T12:30:00Z')];
    const told = await collected(shop.client.labelled(days.values(), '*'));
    expect(told).toEqual(['*0 1970-01-01T00:00:00+00:00', '*1 2024-02-29T12:30:00+00:00']);
  });

  it.each<[string, () => Iterable<ItemInput>]>([
    ['an array', () => [...items, { sku: Sku('C'), price: 'much' as never }]],
    ['an iterator', () => [...items, { sku: Sku('C'), price: 'much' as never }].values()],
  ])('names the place of an item that does not fit: in %s', async (_, make) => {
    const error = await errorOf(shop.client.ingest(make()));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      parameter: 'items',
      path: 'items[2].price',
      message: expect.stringContaining('argument "items[2].price" must be float'),
    });
  });

  it('must be one', async () => {
    const error = await errorOf(shop.client.ingest('text' as never));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain('must be a stream of Item');
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Table, tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import { SynapseError } from 'synapse-worker';
import { connect, MissingColumnsError, type Orders } from './generated/orders.js';

let orders: Orders;

// The first run builds the Python environment.
beforeAll(async () => {
  orders = await connect();
}, 300_000);

afterAll(() => orders?.close());

test('a query with parameters returns a table', async () => {
  const all = tableFromIPC(await orders.revenue('product'));
  const later = tableFromIPC(await orders.revenue('product', { since: '2026-04-01' }));
  expect(all.schema.names).toEqual(['product', 'orders', 'revenue']);
  expect(
    all
      .toArray()
      .map(({ product }) => product)
      .sort(),
  ).toEqual(['cocoa', 'coffee', 'honey', 'tea']);
  expect(countOf(all)).toBe(60);
  expect(countOf(later)).toBeLessThan(60);
});

test('a table goes to Python and comes back with its types, and a column more', async () => {
  const table = tableFromArrays({
    product: ['tea', 'honey'],
    quantity: Int32Array.of(2, 1),
    price: Float64Array.of(4.5, 9.8),
  });
  const priced = tableFromIPC(await orders.with_totals(tableToIPC(table, 'stream')));
  expect(priced.getChild('quantity')?.toArray()).toEqual(Int32Array.of(2, 1));
  expect(priced.getChild('total')?.toArray()).toEqual(Float64Array.of(9, 9.8));
  expect(priced.toArray().map((row) => row.toJSON())).toEqual([
    { product: 'tea', quantity: 2, price: 4.5, total: 9 },
    { product: 'honey', quantity: 1, price: 9.8, total: 9.8 },
  ]);
});

test('a date of pandas is one of Arrow', async () => {
  for await (const bytes of orders.batches({ rows: 1 })) {
    expect(new Date(tableFromIPC(bytes).get(0)?.placed)).toEqual(new Date('2026-01-03'));
    break;
  }
});

test('a stream brings all rows, some at a time', async () => {
  const sizes: number[] = [];
  for await (const bytes of orders.batches({ rows: 25 })) sizes.push(tableFromIPC(bytes).numRows);
  expect(sizes).toEqual([25, 25, 10]);
});

test('a table without the columns, and what is no table, are refused', async () => {
  const other = tableToIPC(tableFromArrays({ amount: [1] }), 'stream');
  await expect(orders.with_totals(other)).rejects.toThrow(MissingColumnsError);
  await expect(orders.with_totals(Uint8Array.of(1, 2, 3))).rejects.toThrow(SynapseError);
});

function countOf(table: Table): number {
  return table.toArray().reduce((sum, { orders }) => sum + Number(orders), 0);
}

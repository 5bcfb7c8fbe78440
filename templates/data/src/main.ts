import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import { connect } from './generated/orders.js';

const orders = await connect();
try {
  // A query: what comes back are the bytes of an Arrow stream, and apache-arrow makes a table of them.
  const totals = tableFromIPC(await orders.revenue('country', { since: '2026-03-01', least: 100 }));
  for (const { country, orders, revenue } of totals) {
    // Python counts in 64 bits, which are a bigint here; a float is a number.
    console.log(`${country}: ${Number(orders)} orders, ${revenue.toFixed(2)}`);
  }

  // There and back: a table made here, in Python a DataFrame, and one column more when it returns.
  const basket = tableFromArrays({
    product: ['tea', 'honey'],
    quantity: Int32Array.of(2, 1),
    price: Float64Array.of(4.5, 9.8),
  });
  // 'stream' is the form that Synapse speaks; 'file' is another.
  const priced = tableFromIPC(await orders.with_totals(tableToIPC(basket, 'stream')));
  console.log('totals:', [...(priced.getChild('total') ?? [])]);

  // A stream of tables, however many rows there are: Python makes the next when this loop comes for it.
  let rows = 0;
  for await (const bytes of orders.batches({ rows: 25 })) {
    const batch = tableFromIPC(bytes);
    // A column of numbers is one typed array: nothing is made for each row.
    const quantities: BigInt64Array = batch.getChild('quantity')?.toArray();
    rows += batch.numRows;
    console.log(
      `${rows} rows, ${quantities.reduce((sum, each) => sum + each)} pieces in the last ${batch.numRows}`,
    );
  }
} finally {
  await orders.close();
}

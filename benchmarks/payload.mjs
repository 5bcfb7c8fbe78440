// What travels: the small record that every contender echoes, many of them, and bytes.

/** A small record such as a service call carries. */
export const payload = {
  id: 4711,
  symbol: 'ACME',
  price: 12.75,
  open: true,
  tags: ['north', 'retail'],
  note: null,
};

/** How long that record is as MessagePack, for the raw limits, which move bytes and know no values. */
export const PAYLOAD_BYTES = 65;

/** The bytes that the raw limits echo. */
export const payloadBytes = Buffer.alloc(PAYLOAD_BYTES, 'x');

/** As many records as asked for, no two the same. `python/work.py` makes the same ones. */
export function makeRecords(count) {
  return Array.from({ length: count }, (_, id) => ({
    id,
    symbol: `S${id % 1000}`,
    price: id / 8,
    open: id % 2 === 0,
  }));
}

// The value that every contender echoes: a small record such as a service call carries.
import { encode } from '@msgpack/msgpack';

export const payload = {
  id: 4711,
  symbol: 'ACME',
  price: 12.75,
  open: true,
  tags: ['north', 'retail'],
  note: null,
};

/** The same record as MessagePack, for the floor, which moves bytes and knows no values. */
export const payloadBytes = Buffer.from(encode(payload));

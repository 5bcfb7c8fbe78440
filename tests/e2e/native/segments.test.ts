// Large buffers: they travel behind their frame, both ways, and settle like everything else when something goes wrong.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, NdArray } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf } from '../support/waiting.js';

const LARGE = 65_536;
const MIB = 1024 * 1024;
const folder = sharedModule('values');
const options = { entrypoint: 'large.py' };

let client: Client;
beforeAll(async () => {
  client = await connect(folder, options);
}, 300_000);
afterAll(() => client.close());

/** Bytes that differ from place to place. */
function pattern(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31) ^ (at >> 8);
  return bytes;
}
const equal = (left: unknown, right: Uint8Array): boolean =>
  left instanceof Uint8Array && Buffer.compare(left, right) === 0;

describe('Large bytes', () => {
  it.each([LARGE - 1, LARGE, LARGE + 1, 3 * MIB + 5, 40 * MIB])(
    'of %d come back as they went, from sync and async methods',
    async (size) => {
      const bytes = pattern(size);
      expect(equal(await client.call('echo', [bytes]), bytes)).toBe(true);
      expect(equal(await client.call('echo_later', [bytes]), bytes)).toBe(true);
    },
  );

  it('are bytes in Python, and memory of their own here', async () => {
    const bytes = pattern(100_000);
    const { type, size } = (await client.call('describe', [bytes])) as Record<string, unknown>;
    expect([type, size]).toEqual(['bytes', 100_000]);
    const [first, second] = (await client.call('echo', [[bytes, bytes]])) as Uint8Array[];
    expect(first!.buffer.byteLength).toBe(100_000);
    expect(first!.buffer).not.toBe(second!.buffer);
  });

  it('travel from within other values, from a part of a buffer, and beside small ones', async () => {
    const bytes = pattern(300_000).subarray(7, 200_007);
    const value = { a: [1, { bytes }], b: 'text', small: pattern(9), c: [bytes] };
    const back = (await client.call('echo', [value])) as typeof value;
    expect(back).toMatchObject({ a: [1, {}], b: 'text', small: pattern(9) });
    const { bytes: nested } = back.a[1] as { bytes: unknown };
    expect([nested, ...back.c].every((part) => equal(part, bytes))).toBe(true);
  });

  it('keep their order among small calls', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        client.call('echo', [n % 3 === 0 ? new Uint8Array(LARGE + n).fill(n) : n]),
      ),
    );
    answers.forEach((answer, n) => {
      if (n % 3 === 0) expect(equal(answer, new Uint8Array(LARGE + n).fill(n))).toBe(true);
      else expect(answer).toBe(n);
    });
  });
});

describe('Large arrays', () => {
  it('are views in Python that may be written to', async () => {
    const seen = await client.call('describe', [new Float64Array(50_000).fill(0.5)]);
    const shape = [50_000];
    const owns = false;
    expect(seen).toEqual({
      type: 'ndarray',
      dtype: 'float64',
      shape,
      owns,
      writable: true,
      sum: 25_000,
    });
  });

  it.each([
    ['float32', new NdArray(new Float32Array(LARGE).fill(1.5), [256, 256])],
    ['int64', new NdArray(new BigInt64Array(LARGE).fill(-(2n ** 62n)))],
    ['bool', new NdArray(new Uint8Array(LARGE).fill(1), [LARGE], 'bool')],
    ['complex128', new NdArray(new Float64Array(LARGE).fill(2), [LARGE / 2], 'complex128')],
  ])('of %s come back as they went', async (_dtype, array) => {
    expect(await client.call('echo', [array])).toEqual(array);
  });

  it('pass by annotation like small ones', async () => {
    const [data, numbers] = (await client.call('typed', [
      pattern(LARGE),
      new Float64Array(LARGE).fill(4),
    ])) as [Uint8Array, NdArray];
    expect(equal(data, pattern(LARGE).reverse())).toBe(true);
    expect(numbers.data.every((number) => number === 8)).toBe(true);
  });

  it('that Python changes for its next result are not changed any more here', async () => {
    const tables = (await Promise.all([1, 2, 3].map(() => client.call('next_table')))) as NdArray[];
    for (const [index, { data }] of tables.entries()) {
      const one = data[0]!;
      expect(one).toBe(BigInt(index + 1));
      expect(data.every((number) => number === one)).toBe(true);
    }
  });
});

it('Functions among the arguments are given large values, and give some', async () => {
  const bytes = pattern(2 * MIB);
  const seen: unknown[] = [];
  const answer = await client.call('through', [
    bytes,
    (value: Uint8Array) => {
      seen.push(value);
      return { back: value.slice().reverse() };
    },
  ]);
  expect(equal(seen[0], bytes)).toBe(true);
  expect(equal((answer as { back: unknown }).back, bytes.slice().reverse())).toBe(true);
});

describe('A segment on its way', () => {
  it('is not in the way of a cancel: the call is given up, and the next one is served', async () => {
    const napping = client.call('nap', [0.3]);
    const abort = new AbortController();
    const given = client.call('echo', [pattern(8 * MIB)], {}, { signal: abort.signal });
    abort.abort();
    expect((await errorOf(given)).code).toBe('CALL_CANCELLED');
    await napping;
    expect(await client.call('echo', [5])).toBe(5);
  });

  it('ends with its worker: the call that ran is rejected, and one that had not begun is made elsewhere', async () => {
    const own = await connect(folder, { ...options, workers: 1 });
    try {
      const dying = errorOf(own.call('die', [pattern(LARGE)]));
      const bytes = pattern(8 * MIB);
      const waiting = own.call('echo', [bytes]);
      expect(await dying).toMatchObject({ code: 'WORKER_EXITED', maybeExecuted: true });
      expect(equal(await waiting, bytes)).toBe(true);
    } finally {
      await own.close();
    }
  });
});

// The matrix: every type × parameter, result, stream item, callback argument and callback result, through the
// generated client, with value and runtime type asserted in Node and in Python.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IntegerRangeError } from 'synapse-worker';
import { sharedModule } from '../support/scratch.js';
import { errorOf } from '../support/waiting.js';
import { array, arrays, type Case, choices, classes, collections, scalars } from './cases.js';
import { connect, type Values } from './generated/values.js';

const LONG_TEXT = 'ü€😀\u0000\u2028"\\'.repeat(1000);

let client: Values;
beforeAll(async () => {
  client = await connect({ dir: sharedModule('values'), onLog: () => undefined });
}, 300_000);
afterAll(() => client?.close());

type Trip = (value: unknown, back: (value: unknown) => unknown) => Promise<unknown>;
type Stream = (value: unknown) => AsyncIterable<unknown>;
const method = <T>(name: string): T => (client as unknown as Record<string, T>)[name]!;

async function check({ name, value, python, back }: Case): Promise<void> {
  const asked: unknown[] = [];
  const trip = method<Trip>(`${name}_trip`).bind(client);
  const result = await trip(value, (argument) => {
    asked.push(argument);
    return argument;
  });
  expect(asked).toStrictEqual([back]);
  expect(result).toStrictEqual(back);
  expect(await client.seen()).toEqual([python, python]);

  const items: unknown[] = [];
  for await (const item of method<Stream>(`${name}_stream`).call(client, value)) items.push(item);
  expect(items).toStrictEqual([back, back]);
  expect(await client.seen()).toEqual([python]);
}

const titled = (cases: Case[]): [string, Case][] =>
  cases.map((entry) => [`${entry.name}: ${entry.python.slice(0, 70)}`, entry]);

describe('Parameter, result, stream item, callback argument and callback result are exact for', () => {
  it.each(titled(scalars))('the scalar %s', async (_, entry) => check(entry));
  it.each(titled(choices))('the choice %s', async (_, entry) => check(entry));
  it.each(titled(collections))('the collection %s', async (_, entry) => check(entry));
  it.each(titled(classes))('the class %s', async (_, entry) => check(entry));
  it.each(titled(arrays))('the array %s', async (_, entry) => check(entry));

  it('a text of many astral and odd characters', async () => {
    expect(await client.str_trip(LONG_TEXT, (text) => text)).toBe(LONG_TEXT);
    await client.seen();
  });

  it('tables, as Arrow streams', async () => {
    const table = await client.arrow_stream();
    for (const [name, python] of [
      ['frame', "DataFrame {'a': [1, 2]}"],
      ['table', "Table {'a': [1, 2]}"],
    ] as const) {
      const back = await method<Trip>(`${name}_trip`).call(client, table, (same) => same);
      expect(back).toBeInstanceOf(Uint8Array);
      expect(await client.seen()).toEqual([python, python]);
      for await (const item of method<Stream>(`${name}_stream`).call(client, back)) {
        expect(item).toBeInstanceOf(Uint8Array);
      }
      expect(await client.seen()).toEqual([python]);
    }
  });
});

describe('What a type promises holds for', () => {
  it('a Map with no entry in it, and a Record with none', async () => {
    expect(await client.int_keys_trip(new Map(), (map) => map)).toBeInstanceOf(Map);
    expect(await client.dict_trip({}, (record) => record)).not.toBeInstanceOf(Map);
    await client.seen();
  });

  it('a bigint that is small, and one given as a number', async () => {
    expect(await client.bigint_trip(1n, (value) => value + 1n)).toBe(2n);
    expect(await method<Trip>('bigint_trip').call(client, 1, (value) => value)).toBe(1n);
    await client.seen();
  });

  it('a bare typed array where an array is asked for', async () => {
    const result = await client.float64s_trip(new Float64Array([1, 2]), (same) => same);
    expect(result).toStrictEqual(array(new Float64Array([1, 2]), 'float64'));
    await client.seen();
  });

  it('arrays whose memory is laid out otherwise', async () => {
    const arrays = await client.exotic_arrays();
    expect(arrays.map(({ shape }) => shape)).toEqual([[3, 2], [2, 2], [2, 3], [], [0, 3]]);
    expect(arrays.map(({ data }) => Array.from(data as Float64Array))).toEqual([
      [0, 3, 1, 4, 2, 5],
      [0, 2, 3, 5],
      [0, 1, 2, 3, 4, 5],
      [7.5],
      [],
    ]);
  });

  it('a property that is undefined: it is left out', async () => {
    expect(await client.optional_trip(null, (value) => value)).toBeNull();
    const movie = await method<Trip>('typed_dict_trip').call(
      client,
      { title: 'M', rating: undefined },
      (same) => same,
    );
    expect(movie).toStrictEqual({ title: 'M' });
    await client.seen();
  });
});

describe('An integer beyond what a number holds', () => {
  it.each([
    ['as a result', () => client.large(53), '$'],
    ['deep inside a result', () => client.large_inside(), "$['odd one'][1]"],
  ])('rejects %s, naming the path', async (_, call, path) => {
    const error = await errorOf(call());
    expect(error).toBeInstanceOf(IntegerRangeError);
    expect(error.code).toBe('INTEGER_OUT_OF_RANGE');
    expect(error.message).toContain(path);
  });

  it('just within is exact', async () => {
    expect(await client.large(52)).toBe(2 ** 52);
  });

  it('ends a stream after the items before it', async () => {
    const items: number[] = [];
    const error = await errorOf(
      (async () => {
        for await (const item of client.large_items()) items.push(item);
      })(),
    );
    expect(items).toEqual([1, 2]);
    expect(error.code).toBe('INTEGER_OUT_OF_RANGE');
  });

  it('never reaches a callback', async () => {
    const asked: number[] = [];
    const error = await errorOf(client.large_to_callback((value) => void asked.push(value)));
    expect(asked).toEqual([]);
    expect(error.message).toMatch(/9007199254740992|safe integer/);
  });

  it('stays a bigint where there is no annotation', async () => {
    expect(await client.untyped_large()).toEqual([1, 2n ** 53n]);
  });
});

describe('A result that is not what its annotation says', () => {
  it.each([
    ['a naive datetime', () => client.naive_as_aware(), /naive/],
    ['an array without a counterpart', () => client.float16s(), /float16/],
  ])('rejects: %s', async (_, call, message) => {
    expect((await errorOf(call())).message).toMatch(message);
  });
});

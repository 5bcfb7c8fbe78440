// Values that other bridges lose, from JavaScript through Python and back.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, NdArray } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf } from '../support/waiting.js';

let client: Client;
beforeAll(async () => {
  client = await connect(sharedModule('native'));
});
afterAll(() => client.close());

const echo = (value: unknown): Promise<unknown> => client.call('echo', [value]);
const make = (what: string): Promise<unknown> => client.call('make', [what]);
const describeInPython = (value: unknown): Promise<{ type: string; repr: string }> =>
  client.call('describe', [value]);

describe('Integers', () => {
  it.each([
    ['2**63+1', 9223372036854775809n],
    ['2**64', 18446744073709551616n],
    ['2**70', 1180591620717411303424n],
    ['-2**63', -9223372036854775808n],
    ['-2**63-1', -9223372036854775809n],
    ['2**53', 9007199254740992n],
    ['10**300', 10n ** 300n],
  ])('%s comes from Python exactly, as a bigint', async (what, value) => {
    expect(await make(what)).toBe(value);
  });

  it('that a number holds exactly come as numbers', async () => {
    expect(await make('2**53-1')).toBe(9007199254740991);
  });

  it.each([
    9223372036854775809n,
    18446744073709551615n,
    18446744073709551616n,
    -9223372036854775808n,
    -9223372036854775809n,
    2n ** 70n,
    -(2n ** 70n),
    10n ** 300n,
  ])('%s goes to Python exactly, as an int', async (value) => {
    expect(await describeInPython(value)).toEqual({ type: 'int', repr: String(value) });
    expect(await echo(value)).toBe(value);
  });

  it('that are integral numbers arrive as int, fractions as float', async () => {
    expect(await describeInPython(3)).toEqual({ type: 'int', repr: '3' });
    expect(await describeInPython(Number.MAX_SAFE_INTEGER)).toMatchObject({ type: 'int' });
    expect(await describeInPython(3.5)).toEqual({ type: 'float', repr: '3.5' });
    expect(await describeInPython(1e300)).toEqual({ type: 'float', repr: '1e+300' });
  });
});

describe('Floats', () => {
  it.each([
    ['nan', Number.NaN],
    ['inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['-0.0', -0],
    ['1.0', 1],
  ])('%s comes from Python', async (what, value) => {
    expect(Object.is(await make(what), value)).toBe(true);
  });

  it.each([Number.NaN, Infinity, -Infinity, -0, 0.1, 5e-324, Number.MAX_VALUE])(
    '%d goes there and back',
    async (value) => {
      expect(Object.is(await echo(value), value)).toBe(true);
      expect((await describeInPython(value)).type).toBe('float');
    },
  );
});

describe('Times', () => {
  it('aware datetimes come as Date', async () => {
    expect(await make('datetime')).toEqual(new Date('2024-02-29T12:30:15.250Z'));
    expect(await make('before 1970')).toEqual(new Date('1900-01-01T00:00:00.000Z'));
  });

  it('a Date arrives as an aware datetime, and comes back equal', async () => {
    const date = new Date('2024-02-29T12:30:15.250Z');
    expect(await describeInPython(date)).toEqual({
      type: 'datetime',
      repr: 'datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=datetime.timezone.utc)',
    });
    for (const iso of [
      '1970-01-01',
      '1969-12-31T23:59:59.999Z',
      '0001-01-01',
      '9999-12-31T23:59:59.999Z',
    ]) {
      expect(await echo(new Date(iso))).toEqual(new Date(iso));
    }
  });

  it('an invalid Date is refused, not turned into another', async () => {
    expect((await errorOf(echo(new Date(Number.NaN)))).code).toBe('ENCODE_FAILED');
  });

  it('what has no instant comes as text', async () => {
    expect(await make('naive')).toBe('2024-02-29T12:30:15');
    expect(await make('date')).toBe('2024-02-29');
    expect(await make('time')).toBe('12:30:15');
    expect(await make('timedelta')).toMatch(/^P/);
  });
});

describe('Other values of Python', () => {
  it.each([
    ['none', null],
    ['true', true],
    ['uuid', '00000000-0000-0000-0000-000000000005'],
    ['decimal', '1.10'],
    ['path', '/a/b'],
    ['enum', 'buy'],
    ['set', [1]],
    ['tuple', [1, 'two']],
    ['dataclass', { symbol: 'ACME', price: 1.5 }],
    ['namedtuple', [1, 2]],
    ['unicode', '🐍 naïve 日本語 \u0000 end'],
  ])('%s', async (what, value) => {
    expect(await make(what)).toEqual(value);
  });

  it('bytes come as Uint8Array with a memory of their own', async () => {
    expect(await make('bytes')).toEqual(new Uint8Array([0, 255, 128]));
    expect(await make('empty bytes')).toEqual(new Uint8Array());
    expect(await make('bytearray')).toEqual(new Uint8Array([97, 98]));
    const first = (await make('bytes')) as Uint8Array;
    for (let n = 0; n < 200; n += 1) await echo('x'.repeat(1000));
    expect([...first]).toEqual([0, 255, 128]);
  });
});

describe('Text', () => {
  it.each([
    '',
    '\u0000',
    '🐍',
    'é',
    'e\u0301',
    '\uFEFFbom',
    '日本語'.repeat(5000),
    'x'.repeat(70_000),
  ])('%#: goes there and back unchanged', async (text) => {
    expect(await echo(text)).toBe(text);
  });

  it('with half a surrogate pair is refused, not damaged', async () => {
    expect((await errorOf(echo('half \ud800'))).code).toBe('ENCODE_FAILED');
    expect(await echo('whole')).toBe('whole');
  });
});

describe('Keys', () => {
  it('__proto__ and its friends are plain keys, and pollute nothing', async () => {
    const value = (await make('proto')) as Record<string, unknown>;
    expect(Object.keys(value).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toEqual({ polluted: true });
    expect(Object.getPrototypeOf(value)).toBe(Object.getPrototypeOf({}));
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const sent = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as unknown;
    expect(await describeInPython(sent)).toEqual({
      type: 'dict',
      repr: "{'__proto__': {'x': 1}, 'constructor': 2}",
    });
    expect(JSON.stringify(await echo(sent))).toBe('{"__proto__":{"x":1},"constructor":2}');
  });

  it('that are not text make a Map', async () => {
    expect(await make('int keys')).toEqual(
      new Map([
        [1, 'one'],
        [2, 'two'],
      ]),
    );
    expect(await make('mixed keys')).toEqual(
      new Map<unknown, unknown>([
        [1, 'one'],
        ['two', 2],
      ]),
    );
    expect(await describeInPython(new Map([[1, 'one']]))).toEqual({
      type: 'dict',
      repr: "{1: 'one'}",
    });
  });

  it('that Python cannot hash fail their call alone', async () => {
    const failure = await errorOf(echo(new Map([[{ a: 1 }, 'value']])));
    expect(failure.code).toBe('DECODE_FAILED');
    expect(await echo('next')).toBe('next');
  });
});

describe('Shapes of JavaScript', () => {
  it('undefined is left out of an object and nothing elsewhere', async () => {
    expect(await echo({ a: undefined, b: 1 })).toEqual({ b: 1 });
    expect(await echo([undefined, 1])).toEqual([null, 1]);
    expect(await echo(undefined)).toBeNull();
  });

  it('bytes of every kind arrive as bytes', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    for (const value of [
      bytes,
      Buffer.from(bytes),
      bytes.buffer,
      new DataView(bytes.buffer),
      bytes.subarray(0, 3),
    ]) {
      expect(await describeInPython(value)).toEqual({ type: 'bytes', repr: "b'\\x01\\x02\\x03'" });
    }
  });

  it('a typed array is an NdArray, which keeps its type and shape also where Python has no numpy', async () => {
    const back = (await echo([new Float64Array([0.5, -0])])) as [NdArray];
    expect(back[0]).toBeInstanceOf(NdArray);
    expect(back[0]).toMatchObject({ dtype: 'float64', shape: [2] });
    expect(back[0].data).toEqual(new Float64Array([0.5, -0]));
  });

  it('a Set is an array, a class instance its own properties, toJSON is respected', async () => {
    class Point {
      x = 1;
      get hidden(): number {
        return 2;
      }
    }
    expect(await echo(new Set([1, 2]))).toEqual([1, 2]);
    expect(await echo(new Point())).toEqual({ x: 1 });
    expect(await echo({ toJSON: () => ({ as: 'json' }) })).toEqual({ as: 'json' });
  });

  it.each([
    ['an Error', new Error('x')],
    ['a RegExp', /x/],
    ['a Promise', Promise.resolve()],
    ['a WeakMap', new WeakMap()],
    ['a symbol', Symbol('x')],
    ['a function', () => 1],
  ])('%s is refused, not sent as {}', async (_, value) => {
    expect((await errorOf(echo({ value }))).code).toBe('ENCODE_FAILED');
  });
});

describe('Depth', () => {
  const nested = (levels: number): unknown => {
    let value: unknown = 'core';
    for (let level = 0; level < levels; level += 1) value = [value];
    return value;
  };

  it('of 128 levels goes there and back', async () => {
    expect(await echo(nested(128))).toEqual(nested(128));
    expect(await make('deep')).toEqual(JSON.parse(`${'['.repeat(100)}0${']'.repeat(100)}`));
  });

  it('beyond is an error of that call, never a crash', async () => {
    for (const levels of [129, 1000, 200_000]) {
      const failure = await errorOf(echo(nested(levels)));
      expect(['ENCODE_FAILED', 'DEPTH_EXCEEDED']).toContain(failure.code);
    }
    expect(await echo('next')).toBe('next');
  });
});

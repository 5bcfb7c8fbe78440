// The torture module, called: odd names, reserved words, collisions, and two hundred functions.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sharedModule } from '../support/scratch.js';
import * as generated from './generated/odd.js';
import { collected } from './shop.js';

let client: Awaited<ReturnType<typeof generated.connect>>;
beforeAll(async () => {
  client = await generated.connect({ dir: sharedModule('odd'), onLog: () => undefined });
}, 120_000);
afterAll(() => client?.close());

describe('A function may be named', () => {
  it('and have parameters named, with words that JavaScript reserves', async () => {
    expect(await client.delete(1, 2, { typeof: 3, let: 4 })).toBe(10);
  });

  it('as what every object or the client itself has: it gets an underscore', async () => {
    expect(await client.constructor_(1)).toBe(1);
    expect(await client.close_(1, 2)).toBe(3);
    expect(await client.terminate_(1, { keywords: 2 })).toBe(3);
    expect(await client.then_(1)).toBe(1);
    expect(await client.toString_()).toBe('text');
    expect(await client.connect(1, 2, 3, 4)).toBe(10);
  });

  it('with what is no identifier', async () => {
    expect(await client['with-dash and space'](1)).toBe(1);
    expect(await client['1st']()).toBe(1);
    expect(await client.größe(2, { breite_: 3 })).toBe(6);
    expect(await client.__dunder__(4)).toBe(4);
  });

  it('and be one of two hundred', async () => {
    expect(await client.numbered_0()).toBe(0);
    expect(await client.numbered_199(1)).toBe(200);
  });
});

describe('A type may be named', () => {
  it('as one of JavaScript', async () => {
    const answer = await client.shadows(
      { year: 1 },
      { keys: { x: { year: 2 } } },
      { message: 'm' },
      { value: 3 },
      { x: 4 },
    );
    expect(answer).toEqual({ keys: { m: { year: 8 }, x: { year: 2 } } });
  });

  it('with fields that are no identifiers', async () => {
    const value = { 'with-dash': 1, class: 'c', '1': 3, 'quo"te': 4 };
    const full = Object.assign(Object.create(null), value) as Record<string, unknown>;
    Object.defineProperty(full, '__proto__', {
      value: 5,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    const back = await client.dashed_fields(full as never);
    expect(Object.entries(back).sort()).toEqual(Object.entries(full).sort());
  });
});

describe('Odd values pass:', () => {
  it('members of an enum that need quoting', async () => {
    for (const word of Object.values(generated.Words)) expect(await client.words(word)).toBe(word);
    expect(generated.Words.QUOTE).toBe('say "x"');
  });

  it('literals', async () => {
    for (const value of ["it's", 'say "x"', 'a\\b', '\n', '\u2028', '', -1, true, null] as const) {
      expect(await client.literals(value)).toBe(value);
    }
  });
});

describe('Shapes pass:', () => {
  it('mutual recursion', async () => {
    expect(await client.mutual({ right: { left: [{}] } })).toEqual({
      right: { left: [{ right: null }] },
    });
  });

  it('generics in generics', async () => {
    const pair = { first: 7, second: { a: ['x'] } };
    const other = {
      first: { first: 'f', second: { t: true } },
      second: { d: { year: 2026 } },
    };
    expect(await client.generic(pair, other)).toEqual({
      first: { year: 2026 },
      second: { '7': new Set([1]) },
    });
  });

  it('tuples with labels that are reserved', async () => {
    expect(await client.spot([1, 'm'])).toEqual([1, 'm']);
  });

  it('signatures of every shape', async () => {
    expect(await client.required_after_optional(undefined, { b: 2 })).toEqual([1, 2, 3]);
    expect(await client.only_rest([1, 2])).toEqual([1, 2]);
    expect(await client.only_rest()).toEqual([]);
    expect(await client.only_extra({ a: 1, 'b c': 2 })).toEqual({ a: 1, 'b c': 2 });
    expect(await client.nothing()).toBeNull();
    expect(await client.bare(1, 2, [3], { c: 4, d: 5 })).toEqual([1, 2, [3], 4, { d: 5 }]);
    expect(await client.documented(1)).toBe(1);
    expect(await client.deep()).toEqual([[[[[[{ a: new Map([[1, new Set([2])]]) }]]]]]]);
    expect(await collected(client.stream_of_unions())).toEqual([1, 'two', null, { year: 2026 }]);
    expect((await client.wide()).field_99).toBe(99);
  });
});

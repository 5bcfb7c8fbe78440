import { describe, expect, it } from '@jest/globals';
import { packArguments, plainArguments } from '../../../src/core/client/arguments.js';
import { method } from '../../../src/core/client/define-method.js';
import { checkOptions } from '../../../src/core/client/option-refusals.js';
import { ValidationError } from '../../../src/core/protocol/errors.js';
import { plan } from '../../../src/core/schema/index.js';

const total = method({
  name: 'total',
  parameters: ['unit', '/', 'scale?', '*values', 'digits', '**extra'],
});
const middle = method({ name: 'middle', parameters: ['a?', 'b?', 'c?'] });
const skips = method({ name: 'skips', parameters: ['a?', 'b?', '/'] });
const quote = method({
  name: 'quote',
  parameters: ['symbol', '*', 'max_depth?', 'since?'],
  names: { maxDepth: 'max_depth' },
  arguments: { since: plan.set() },
});

/** What a wrong call is told. */
function refusal(act: () => unknown): { code: string; message: string; details: unknown } {
  try {
    act();
  } catch (error) {
    return error as ReturnType<typeof refusal>;
  }
  throw new Error('expected a refusal');
}

describe('The arguments of a typed call', () => {
  it('go by position as far as they were given', () => {
    expect(packArguments(middle, [1, 2], undefined)).toEqual({ args: [1, 2], kwargs: {} });
    expect(packArguments(middle, [], undefined)).toEqual({ args: [], kwargs: {} });
  });

  it('are taken as they are where nothing is to be done to them, and only there', () => {
    for (const [spec, positionals] of [
      [middle, [1, 2]],
      [middle, [1, null, 3]],
      [middle, [1, 2, undefined]],
      [middle, []],
      [skips, [1]],
    ] as const) {
      const plain = plainArguments(spec, positionals, undefined);
      expect(plain).toBeDefined();
      expect(plain).toEqual(packArguments(spec, positionals, undefined));
    }
    const needy = method({ name: 'needy', parameters: ['a', '*', 'b'] });
    for (const [spec, positionals, keywords] of [
      [middle, [1, undefined, 3], undefined],
      [middle, [1, 2], {}],
      [middle, [1, 2, 3, 4], undefined],
      [total, ['cm'], undefined],
      [quote, ['ACME'], undefined],
      [needy, [1], undefined],
      [needy, [undefined], { b: 1 }],
    ] as const) {
      expect(plainArguments(spec, positionals, keywords)).toBeUndefined();
    }
  });

  it('go as keywords behind one that was left out, and null is no leaving out', () => {
    expect(packArguments(middle, [undefined, null, 3], undefined)).toEqual({
      args: [],
      kwargs: { b: null, c: 3 },
    });
    expect(packArguments(middle, [1, undefined, 3], undefined)).toEqual({
      args: [1],
      kwargs: { c: 3 },
    });
  });

  it('are marked where one left out must keep its place', () => {
    expect(packArguments(skips, [undefined, 2], undefined)).toEqual({
      args: [null, 2],
      kwargs: { $omitted: [0] },
    });
    expect(packArguments(total, ['cm', undefined, [1]], { digits: 3 })).toEqual({
      args: ['cm', null, 1],
      kwargs: { $omitted: [1], digits: 3 },
    });
    expect(packArguments(total, ['cm', undefined, []], { digits: 3 })).toEqual({
      args: ['cm'],
      kwargs: { digits: 3 },
    });
    const mixed = method({ name: 'mixed', parameters: ['a?', 'b?', '/', 'c?', 'd?'] });
    expect(packArguments(mixed, [undefined, 2, undefined, 4], undefined)).toEqual({
      args: [null, 2],
      kwargs: { d: 4, $omitted: [0] },
    });
  });

  it('spread the array of *values, and merge **extra into the keywords', () => {
    expect(packArguments(total, ['cm', 2, [1, 2]], { digits: 3, why: 'so' })).toEqual({
      args: ['cm', 2, 1, 2],
      kwargs: { digits: 3, why: 'so' },
    });
  });

  it('give **extra also the name of a parameter that only a position reaches', () => {
    expect(packArguments(total, ['cm'], { digits: 3, unit: 'km' }).kwargs).toEqual({
      digits: 3,
      unit: 'km',
    });
  });

  it('take keywords by their JavaScript name, without those that are undefined', () => {
    expect(packArguments(quote, ['ACME'], { maxDepth: 3, since: undefined })).toEqual({
      args: ['ACME'],
      kwargs: { max_depth: 3 },
    });
  });

  it('carry a keyword called __proto__ like any other', () => {
    const { kwargs } = packArguments(total, ['cm'], JSON.parse('{"digits": 1, "__proto__": 2}'));
    expect(Object.entries(kwargs)).toEqual([
      ['digits', 1],
      ['__proto__', 2],
    ]);
  });

  it('are written by their plans', () => {
    const written = method({
      name: 'at',
      parameters: ['when', '*more', '**rest'],
      arguments: { when: plan.nanoseconds, more: plan.nanoseconds, rest: plan.nanoseconds },
    });
    const given = packArguments(written, [1n, [2n]], { a: 3n });
    expect(given.args).toEqual([plan.nanoseconds.encode(1n), plan.nanoseconds.encode(2n)]);
    expect(given.kwargs).toEqual({ a: plan.nanoseconds.encode(3n) });
  });

  it.each([
    [
      'one is missing',
      () => packArguments(quote, [], undefined),
      'quote(): argument "symbol" is missing.',
    ],
    [
      'a keyword is missing',
      () => packArguments(total, ['cm'], {}),
      'total(): argument "digits" is missing.',
    ],
    [
      '*values is no array',
      () => packArguments(total, ['cm', 1, 7], { digits: 1 }),
      'total(): argument "values" must be an array, got number 7.',
    ],
    [
      'a keyword is unknown',
      () => packArguments(quote, ['ACME'], { depht: 3 }),
      'quote(): there is no keyword argument "depht"; it has maxDepth, since.',
    ],
    [
      'options stand in the place of keywords',
      () => packArguments(quote, ['ACME'], { timeoutMs: 3 }),
      'quote(): there is no keyword argument "timeoutMs"; it has maxDepth, since. "timeoutMs" is an option of the call, and options come last, after the keywords.',
    ],
    [
      'a keyword names what is given by position',
      () => packArguments(total, ['cm'], { digits: 1, scale: 2 }),
      'total(): argument "scale" is given by position, not as a keyword.',
    ],
    [
      'the keywords are none',
      () => packArguments(quote, ['ACME'], [3]),
      'quote(): the keyword arguments must be an object, got an array.',
    ],
    [
      'further keywords are reserved',
      () => packArguments(total, ['cm'], { digits: 1, $omitted: [0] }),
      'total(): there is no keyword argument "$omitted"; it has digits.',
    ],
    [
      'the name of the module is known',
      () => packArguments(quote, [], undefined, 'pricing.quote'),
      'pricing.quote(): argument "symbol" is missing.',
    ],
    [
      'one stands in the place of the options',
      () => checkOptions({ method: total, label: 'm.total' }, 2),
      'm.total(): there are too many arguments: it takes "unit", then "scale", then the array "values", then an object with keywords, then an object with options of the call, got number 2 for the last.',
    ],
  ])('are refused before anything is sent: %s', (_, act, message) => {
    expect(refusal(act)).toBeInstanceOf(ValidationError);
    expect(refusal(act)).toMatchObject({ code: 'INVALID_ARGUMENTS', message });
  });

  it('are followed by options, whose names are known', () => {
    const called = { method: quote, label: 'pricing.quote' };
    expect(checkOptions(called, { timeoutMs: 1, signal: undefined })).toBeUndefined();
    expect(refusal(() => checkOptions(called, { timeout: 1 }))).toMatchObject({
      code: 'INVALID_CONFIG',
      message:
        'pricing.quote(): a call has no option "timeout"; it has idempotent, idleTimeoutMs, onProgress, ' +
        'priority, queueTimeoutMs, signal, sliced, timeoutMs, totalTimeoutMs, traceparent, tracestate.',
    });
  });

  it('say in the details of a refusal which parameter it was', () => {
    expect(refusal(() => packArguments(quote, [], undefined)).details).toEqual({
      method: 'quote',
      parameter: 'symbol',
      path: 'symbol',
      expected: 'a value',
      got: 'nothing',
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { errorOf, parseReply } from '../../../src/node/synapse/reply.js';

describe('A reply', () => {
  it('is parsed as JSON when that is asked for', () => {
    expect(parseReply('{"a":[1]}', () => {})).toEqual({ a: [1] });
  });

  it('that does not parse is logged in the original words and returned as it is', () => {
    const logged: string[] = [];
    const reply = { already: 'decoded' };
    expect(parseReply(reply, (line) => logged.push(line))).toBe(reply);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(
      /^\[ERROR\] forced parsing failed\. Expected parsable str from py: ./,
    );
  });

  it.each([
    [{ error: 'test_error' }, 'test_error'],
    [
      new Map<unknown, unknown>([
        ['error', { code: 1 }],
        [1, 2],
      ]),
      { code: 1 },
    ],
    [{ error: '' }, ''],
    [{ fine: true }, undefined],
    [null, undefined],
    [0, undefined],
    ['', undefined],
    [false, undefined],
  ])('%j holds the error %j', (reply, error) => {
    expect(errorOf(reply)).toEqual(error);
  });
});

// call(): order, values, error replies, JSON on demand, options, and the state it must be called in.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { LogBook } from '../support/logs.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually, rejectionOf, timed } from '../support/waiting.js';

const NOT_SPAWNED = 'Cannot send inputs to instance before spawning it.';

describe('call() outside of a spawn', () => {
  it('throws synchronously before spawn', () => {
    expect(() => new Synapse().call(1)).toThrow(new Error(NOT_SPAWNED));
  });

  it('throws synchronously while the first spawn is under way', async () => {
    const synapse = new Synapse();
    const spawned = synapse.spawn(sharedModule('raw'), 'echo');
    expect(() => synapse.call(1)).toThrow(NOT_SPAWNED);
    await spawned;
    await synapse.dispose();
  });

  it('throws synchronously after dispose', async () => {
    const synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'echo');
    await synapse.dispose();
    expect(() => synapse.call(1)).toThrow(NOT_SPAWNED);
  });

  it('throws synchronously as soon as dispose was called', async () => {
    const synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'echo');
    const disposed = synapse.dispose();
    expect(() => synapse.call(1)).toThrow(NOT_SPAWNED);
    await disposed;
  });

  it('throws synchronously after a spawn that failed', async () => {
    const synapse = new Synapse();
    await errorOf(synapse.spawn('nowhere', 'main'));
    expect(() => synapse.call(1)).toThrow(NOT_SPAWNED);
  });
});

describe('call() on a spawned instance', () => {
  const synapse = new Synapse();
  beforeAll(() => synapse.spawn(sharedModule('raw'), 'deeds'));
  afterAll(() => synapse.dispose());
  const echo = <T>(value: unknown, parse = false): Promise<T> =>
    synapse.call<T>({ do: 'echo', value }, parse);

  it('queues parallel calls in order', async () => {
    const first = await synapse.call<number>({ do: 'count' });
    const burst = Array.from({ length: 500 }, () => synapse.call<number>({ do: 'count' }));
    expect(await Promise.all(burst)).toEqual(Array.from({ length: 500 }, (_, n) => first + n + 1));
  });

  it.each([
    ['nothing', null],
    ['zero', 0],
    ['an empty string', ''],
    ['false', false],
    ['an empty list', []],
    ['an empty object', {}],
    ['a nested value', { list: [1, 'two', { three: [3.5, null] }], truth: true }],
    ['unicode', 'naïve 🐍 日本語'],
    ['a large integer', Number.MAX_SAFE_INTEGER],
    ['a negative one', -1],
    ['a fraction', 0.1],
  ])('carries %s there and back', async (_, value) => {
    expect(await echo(value)).toEqual(value);
  });

  it('carries bytes there and back', async () => {
    const reply = await echo<Uint8Array>(Buffer.from([0, 1, 254, 255]));
    expect(reply).toBeInstanceOf(Uint8Array);
    expect([...reply]).toEqual([0, 1, 254, 255]);
  });

  it('rejects with the raw value of a truthy error, whatever its type', async () => {
    expect(await rejectionOf(echo({ error: 'text' }))).toBe('text');
    expect(await rejectionOf(echo({ error: 42 }))).toBe(42);
    expect(await rejectionOf(echo({ error: true }))).toBe(true);
    expect(await rejectionOf(echo({ error: { code: 7, why: ['x'] } }))).toEqual({
      code: 7,
      why: ['x'],
    });
    expect(await rejectionOf(echo({ error: [] }))).toEqual([]);
  });

  it('resolves when the error is falsy', async () => {
    for (const error of [null, 0, '', false]) {
      expect(await echo({ error, data: 1 })).toEqual({ error, data: 1 });
    }
  });

  it('goes on after an error reply', async () => {
    await rejectionOf(echo({ error: 'once' }));
    expect(await echo('next')).toBe('next');
  });

  it('parses a JSON reply on demand', async () => {
    expect(await echo('{"a":[1,2]}', true)).toEqual({ a: [1, 2] });
    expect(await echo('null', true)).toBeNull();
    expect(await echo('{"a":1}', false)).toBe('{"a":1}');
    expect(await synapse.call({ do: 'echo', value: '{"a":1}' })).toBe('{"a":1}');
  });

  it('rejects with the error inside a parsed reply', async () => {
    expect(await rejectionOf(echo('{"error":"from json"}', true))).toBe('from json');
  });

  it('logs a failed parse and returns the reply as it is', async () => {
    const book = new LogBook(synapse.instanceLogs);
    expect(await echo('{not json', true)).toBe('{not json');
    expect(await echo({ already: 'decoded' }, true)).toEqual({ already: 'decoded' });
    expect(await echo(null, true)).toBeNull();
    await eventually('the log tells', () => /pars/i.test(book.text));
    book.close();
  });

  it('rejects the call whose input cannot be encoded, without a throw, and the next works', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const value of [() => 1, Symbol('s'), circular, { deep: [new Map([[1, () => 1]])] }]) {
      const failed = echo(value);
      expect(['ENCODE_FAILED', 'DEPTH_EXCEEDED']).toContain((await errorOf(failed)).code);
      expect(await echo('after')).toBe('after');
    }
  });

  it('names the place of what cannot be encoded', async () => {
    const error = await errorOf(synapse.call({ items: [1, { fn: () => 1 }] }));
    expect(error.message).toContain('$.items[1].fn');
  });

  it('keeps the order of replies around a call that could not be encoded', async () => {
    const replies = await Promise.allSettled([echo(1), echo(() => 1), echo(2)]);
    expect(replies.map((reply) => reply.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((replies[2] as PromiseFulfilledResult<unknown>).value).toBe(2);
  });
});

describe('call() takes options', () => {
  let synapse: Synapse;
  afterEach(() => synapse.dispose());

  it('timeoutMs rejects the call, stops the script, and the next call finds a new one', async () => {
    synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'deeds');
    const { value, ms } = await timed(() =>
      errorOf(synapse.call({ do: 'sleep', seconds: 60 }, false, { timeoutMs: 150 })),
    );
    expect(value.code).toBe('CALL_TIMEOUT');
    expect(ms).toBeLessThan(4000);
    expect(await synapse.call({ do: 'echo', value: 'next' })).toBe('next');
  });

  it('a signal rejects the running call with an AbortError that keeps the reason', async () => {
    synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'deeds');
    const stop = new AbortController();
    const book = new LogBook(synapse.instanceLogs);
    const reason = new Error('enough');
    const both = [
      errorOf(synapse.call({ do: 'never_answer' }, false, { signal: stop.signal })),
      synapse.call({ do: 'echo', value: 'queued behind' }),
    ] as const;
    stop.abort(reason);
    const failure = await both[0];
    expect(failure.name).toBe('AbortError');
    expect(failure.cause).toBe(reason);
    expect(await both[1]).toBe('queued behind');
    book.close();
  });

  it('a signal takes a queued call out of the queue, and the script never sees it', async () => {
    synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'deeds');
    const stop = new AbortController();
    const running = synapse.call({ do: 'sleep', seconds: 0.3 });
    const queued = errorOf(synapse.call({ do: 'count' }, false, { signal: stop.signal }));
    stop.abort();
    expect((await queued).name).toBe('AbortError');
    expect(await running).toBe('done');
    expect(await synapse.call({ do: 'count' })).toBe(2);
  });

  it('a signal aborted before sends nothing', async () => {
    synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'deeds');
    const failure = await errorOf(
      synapse.call({ do: 'count' }, false, { signal: AbortSignal.abort() }),
    );
    expect(failure.name).toBe('AbortError');
    expect(await synapse.call({ do: 'count' })).toBe(1);
  });
});

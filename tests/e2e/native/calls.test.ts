// connect() and call(): arguments, results, errors, progress, and calls at once told apart by their ids.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually, within } from '../support/waiting.js';

let client: Client;
beforeAll(async () => {
  client = await connect(sharedModule('native'));
});
afterAll(() => client.close());

describe('Arguments of a native call', () => {
  it('are positional in the second place and by name in the third', async () => {
    expect(await client.call('add', [1])).toBe(6);
    expect(await client.call('add', [1, 10])).toBe(14);
    expect(await client.call('add', [1], { c: 5 })).toBe(8);
    expect(await client.call('add', [], { a: 1, b: 1, c: 1 })).toBe(3);
    expect(await client.call('add', [1], { b: 0, c: 0 }, { timeoutMs: 5000 })).toBe(1);
  });

  it('may be left out', async () => {
    expect(await client.call('gather')).toEqual([[], {}]);
    expect(await client.call('gather', [])).toEqual([[], {}]);
  });

  it('may be many, and have any name', async () => {
    const many = Array.from({ length: 300 }, (_, n) => n);
    const named = { timeoutMs: 1, signal: 'x', onProgress: null, ünï: 1, self: 2 };
    expect(await client.call('gather', many, named)).toEqual([many, named]);
  });

  it('that do not fit are refused before the function runs, by the names of the parameters', async () => {
    const missing = await errorOf(client.call('add', []));
    expect(missing.code).toBe('INVALID_ARGUMENTS');
    expect(missing.message).toMatch(/add.*\ba\b/s);
    const surplus = await errorOf(client.call('add', [1, 2, 3]));
    expect(surplus.code).toBe('INVALID_ARGUMENTS');
    const unknown = await errorOf(client.call('add', [1], { colour: 'red' }));
    expect(unknown.code).toBe('INVALID_ARGUMENTS');
    expect(unknown.message).toContain('colour');
  });

  it('are not mistaken for a TypeError inside the function', async () => {
    const inside = await errorOf(client.call('subtract', ['text', 1]));
    expect(inside).toMatchObject({ code: 'PYTHON_EXCEPTION', pythonType: 'TypeError' });
  });

  it('are checked against the annotations before the function runs, for untyped callers too', async () => {
    const wrong = await errorOf(client.call('add', ['text', 1]));
    expect(wrong).toMatchObject({ code: 'VALIDATION_FAILED', parameter: 'a', expected: 'int' });
  });

  it('may be options that there are none of: those are refused, and the known ones named', async () => {
    const options = { timeout: 5 } as object;
    const wrong = await errorOf(client.call('add', [1], {}, options));
    expect(wrong).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(wrong.message).toMatch(/no option "timeout"; it has .*onProgress.*signal.*timeoutMs/);
  });
});

describe('Methods of a native module', () => {
  it('may be async', async () => {
    expect(await client.call('add_later', [1, 2], { c: 3 })).toBe(6);
  });

  it('may have another name outside', async () => {
    expect(await client.call('renamed')).toBe('by its new name');
    expect((await errorOf(client.call('some_other_name'))).code).toBe('METHOD_NOT_FOUND');
  });

  it('that do not exist are refused with the names that come close', async () => {
    const failure = await errorOf(client.call('add_latr', [1, 2]));
    expect(failure.code).toBe('METHOD_NOT_FOUND');
    expect(failure.message).toContain('add_later');
  });

  it('cannot be reached by the names of Python’s own attributes', async () => {
    for (const name of [
      '__init__',
      '__class__',
      'prepare',
      'app',
      'os',
      '',
      '__proto__',
      'method',
    ]) {
      expect((await errorOf(client.call(name))).code).toBe('METHOD_NOT_FOUND');
    }
  });

  it('that are streams refuse to be called, and calls refuse to be streamed', async () => {
    const streams = await connect(sharedModule('native'), { entrypoint: 'streams' });
    expect((await errorOf(streams.call('count_to', [3]))).code).toBe('IS_A_STREAM');
    await streams.close();
    const failure = await errorOf(client.stream('add', [1])[Symbol.asyncIterator]().next());
    expect(failure.code).toBe('NOT_A_STREAM');
  });

  it('run in the main thread when they are sync', async () => {
    expect(await client.call('whoami')).toMatchObject({ main_thread: true });
  });
});

describe('Calls at once', () => {
  it('are answered by id, not in order', async () => {
    const order: string[] = [];
    const waiting = ['a', 'b', 'c'].map((gate) =>
      client.call('wait_at', [gate]).then((opened) => order.push(String(opened))),
    );
    for (const gate of ['c', 'a', 'b']) {
      await client.call('open_gate', [gate]);
      await eventually('it passed', () => order.includes(gate));
    }
    await Promise.all(waiting);
    expect(order).toEqual(['c', 'a', 'b']);
  });

  it('of a sync method pass those that wait on the event loop', async () => {
    const waiting = client.call('wait_at', ['slow']);
    expect(await client.call('add', [1, 1], { c: 1 })).toBe(3);
    await client.call('open_gate', ['slow']);
    expect(await waiting).toBe('slow');
  });

  it('may be thousands', async () => {
    const sums = await Promise.all(
      Array.from({ length: 5000 }, (_, n) =>
        client.call(n % 2 === 0 ? 'add' : 'add_later', [n, 1], { c: 0 }),
      ),
    );
    expect(sums).toEqual(Array.from({ length: 5000 }, (_, n) => n + 1));
  });
});

describe('Errors of a native call', () => {
  it('carry type, module, message and the user’s own traceback', async () => {
    const failure = await errorOf(client.call('fail', ['too dear']));
    expect(failure).toMatchObject({
      name: 'PythonError',
      code: 'PYTHON_EXCEPTION',
      pythonType: 'PriceError',
      pythonModule: 'main',
    });
    expect(failure.message).toContain('too dear');
    const { traceback } = failure as Error & { traceback: string };
    expect(traceback).toContain('raise PriceError(message) from cause');
    expect(traceback).toContain('KeyError');
    expect(traceback).not.toMatch(/synapse_worker[/\\]/);
  });

  it('carry the cause as an error too', async () => {
    const failure = await errorOf(client.call('fail', ['x']));
    expect(failure.cause).toBeInstanceOf(Error);
    expect(failure.cause).toMatchObject({ pythonType: 'KeyError' });
  });

  it('of an async method are the same', async () => {
    const failure = await errorOf(client.call('fail_later', ['later']));
    expect(failure).toMatchObject({ code: 'PYTHON_EXCEPTION', pythonType: 'PriceError' });
  });

  it.each(['raise_system_exit', 'raise_keyboard_interrupt', 'raise_strange', 'recurse'])(
    'do not end the worker: %s',
    async (method) => {
      const before = await client.call('pid');
      const failure = await errorOf(within(20_000, method, client.call(method)));
      expect(failure.code).toBe('PYTHON_EXCEPTION');
      expect(await client.call('pid')).toBe(before);
    },
  );

  it('name the path of a result that cannot travel, and the next call works', async () => {
    for (const [what, path] of [
      ['function', '$[1].inner[0]'],
      ['class', '$.Thing'],
      ['surrogate', '$'],
      ['generator', '$'],
    ] as const) {
      const failure = await errorOf(client.call('make', [what]));
      expect(failure.code).toBe('ENCODE_FAILED');
      expect(failure.message).toContain(path);
      expect(await client.call('add', [1, 1], { c: 1 })).toBe(3);
    }
  });

  it('name the path of an argument that cannot travel, and the next call works', async () => {
    const failure = await errorOf(client.call('echo', [{ a: [1, { fn: Symbol('fn') }] }]));
    expect(failure.code).toBe('ENCODE_FAILED');
    expect(failure.message).toContain('a[1].fn');
    expect(await client.call('echo', [1])).toBe(1);
  });
});

describe('Progress of a native call', () => {
  it.each(['steps', 'async_steps'])('comes in order, before the result: %s', async (method) => {
    const seen: unknown[] = [];
    const arrived = await client.call(
      method,
      [20],
      {},
      { onProgress: (value) => seen.push(value) },
    );
    expect(arrived).toBe('arrived');
    expect(seen).toHaveLength(20);
    if (method === 'steps') expect(seen[3]).toEqual({ step: 3, of: 20 });
    else expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('may be ignored', async () => {
    expect(await client.call('steps', [5])).toBe('arrived');
  });

  it('belongs to its own call', async () => {
    const first: unknown[] = [];
    const second: unknown[] = [];
    await Promise.all([
      client.call('async_steps', [5], {}, { onProgress: (value) => first.push(value) }),
      client.call('async_steps', [7], {}, { onProgress: (value) => second.push(value) }),
    ]);
    expect([first.length, second.length]).toEqual([5, 7]);
  });
});

import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { timingsOf } from '../../../src/node/connect/options.js';
import type { LogRecord } from '../../../src/node/supervisor/connection/log-record.js';
import type { ChannelChoice } from '../../../src/node/supervisor/process/spawn-spec.js';
import { createInstance, type Instance } from '../../../src/node/synapse/instance.js';
import { MODULES, specOf } from '../support/launch.js';
import { errorOf, eventually, isAlive } from '../support/waiting.js';

let instance: Instance;
let records: LogRecord[];

function create(
  dialect: 'raw' | 'native',
  channel: ChannelChoice = 'auto',
  entrypoint = 'main.py',
): Instance {
  records = [];
  return createInstance({
    spawn: specOf(dialect, { channel, entrypoint }),
    module: {
      directory: resolve(MODULES, dialect),
      entrypoint,
      name: dialect,
      settings: {},
      python: undefined,
      dialect,
    },
    timings: timingsOf({}),
    channel,
    onLog: (record) => records.push(record),
  });
}

afterEach(() => instance.dispose(500));

describe.each(['auto', 'socket'] as const)('A raw script over "%s"', (channel) => {
  it('answers in order, whatever it prints', async () => {
    instance = create('raw', channel);
    await instance.start();
    const inputs = [{ a: 1 }, null, 0, '', [1, 2], true];
    expect(await Promise.all(inputs.map((input) => instance.send(input, {})))).toEqual(inputs);
    await eventually('its prints are logged', () =>
      records.some(({ source, message }) => source === 'stdout' && message === 'got a call\n'),
    );
  });
});

describe('A raw script over its real stdin and stdout', () => {
  it('answers in order', async () => {
    instance = create('raw', 'stdio', 'quiet.py');
    await instance.start();
    expect(await Promise.all([1, 'two', [3]].map((input) => instance.send(input, {})))).toEqual([
      1,
      'two',
      [3],
    ]);
    await eventually('its stderr is logged', () =>
      records.some(({ source, message }) => source === 'stderr' && message === 'quiet running\n'),
    );
  });
});

describe('A raw script', () => {
  beforeEach(async () => {
    instance = create('raw');
    await instance.start();
  });
  const send = (input: unknown): Promise<unknown> => instance.send(input, {});

  it('takes inputs that are encoded in slices, between others', async () => {
    const large = Array.from({ length: 30_000 }, (_, id) => ({ id, name: `n${id}`, none: null }));
    const gone = { a: undefined, b: new Uint8Array(100_000).fill(7) };
    const answers = await Promise.all([
      instance.send(large, { sliced: true }),
      send('meanwhile'),
      instance.send(gone, { sliced: true }),
      send('after'),
    ]);
    expect(answers).toEqual([large, 'meanwhile', { ...gone, a: null }, 'after']);
    const refused = await errorOf(instance.send([Symbol('x')], { sliced: true }));
    expect(refused).toMatchObject({ code: 'ENCODE_FAILED', path: '$[0]' });
  });

  it('that raises rejects the call it was at with the traceback, and starts again', async () => {
    const calls = [send({ do: 'pid' }), send({ do: 'raise' }), send({ do: 'pid' }), send('last')];
    const [before, failure, after, last] = await Promise.allSettled(calls);
    expect(failure).toMatchObject({
      status: 'rejected',
      reason: { name: 'PythonError', code: 'PYTHON_EXCEPTION', pythonType: 'ValueError' },
    });
    const { message } = (failure as PromiseRejectedResult).reason;
    expect(message).toContain('ValueError: raw trouble');
    expect(message).toContain('raise ValueError("raw trouble")');
    expect(after).toMatchObject({ status: 'fulfilled' });
    expect((after as { value?: unknown }).value).not.toBe((before as { value?: unknown }).value);
    expect(last).toEqual({ status: 'fulfilled', value: 'last' });
  });

  it('that replies twice never answers another call with that, and is replaced', async () => {
    const twice = (word: string) => send({ do: 'reply twice', with: word });
    expect(await Promise.all([twice('a'), twice('b'), send('c')])).toEqual(['a', 'b', 'c']);
    expect(
      records.filter(({ source, message }) => source === 'runtime' && /exactly one/.test(message)),
    ).toHaveLength(2);
  });

  it('that answers and leaves is started again for each call, and loses none', async () => {
    const leave = { do: 'answer and leave' };
    expect(await Promise.all([leave, leave, leave].map(send))).toEqual(['bye', 'bye', 'bye']);
  });

  it('that died while nobody called is replaced, unseen by the caller', async () => {
    const pid = Number(await send({ do: 'pid' }));
    process.kill(pid, 'SIGKILL');
    await eventually('it has gone', () => !isAlive(pid));
    expect(await send({ do: 'pid' })).not.toBe(pid);
  });

  it('that died a moment ago is replaced, even before this process has heard of it', async () => {
    const pid = Number(await send({ do: 'pid' }));
    process.kill(pid, 'SIGKILL');
    // Busy, so that no event of the death can have been handled.
    const end = performance.now() + 100;
    while (performance.now() < end);
    expect(await send({ do: 'pid' })).not.toBe(pid);
  });

  it('killed in a call rejects that call only', async () => {
    const pid = Number(await send({ do: 'pid' }));
    const begun = records.length;
    const failure = errorOf(send({ do: 'nap', seconds: 60 }));
    const next = send('next');
    await eventually('it runs', () =>
      records.slice(begun).some(({ message }) => message === 'got a call\n'),
    );
    process.kill(pid, 'SIGKILL');
    expect(await failure).toMatchObject({
      name: 'WorkerExitedError',
      signal: 'SIGKILL',
      maybeExecuted: true,
    });
    expect(await next).toBe('next');
  });

  it('that takes too long is ended, and the next call has a new one', async () => {
    const pid = Number(await send({ do: 'pid' }));
    const slow = instance.send({ do: 'nap', seconds: 60 }, { timeoutMs: 80 });
    expect(await errorOf(slow)).toMatchObject({ name: 'CallTimeoutError', timeoutMs: 80 });
    expect(await send({ do: 'pid' })).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });

  it('gives a queued call up without touching the one that runs', async () => {
    const stop = new AbortController();
    const running = send({ do: 'nap', seconds: 0.2 });
    const queued = errorOf(instance.send('queued', { signal: stop.signal }));
    stop.abort();
    expect((await queued).name).toBe('AbortError');
    expect(await running).toBe('rested');
  });

  it('rejects one input that cannot be sent, and takes the next', async () => {
    expect(await errorOf(send({ f: () => 1 }))).toMatchObject({ name: 'EncodeError', path: '$.f' });
    expect(await send(1)).toBe(1);
  });

  it('disposed of rejects what is pending and leaves no process', async () => {
    const pid = Number(await send({ do: 'pid' }));
    const pending = [send({ do: 'nap', seconds: 60 }), send(2)].map(errorOf);
    await instance.dispose(500);
    for (const error of await Promise.all(pending)) expect(error.code).toBe('CLOSED');
    expect(isAlive(pid)).toBe(false);
  });
});

describe('A native module behind the plain class', () => {
  beforeEach(async () => {
    instance = create('native');
    await instance.start();
  });

  it('takes a method and its arguments as the input', async () => {
    const input = { method: 'add', args: [1, 2], kwargs: { c: 5 } };
    expect(await instance.send(input, {})).toBe(8);
    expect(await instance.send({ method: 'pid' }, {})).toEqual(expect.any(Number));
  });

  it.each([['text'], [null], [undefined], [{ foo: 'bar' }], [[1]]])(
    'says what an input must be instead of %j',
    async (input) => {
      const error = await errorOf(instance.send(input, {}));
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS' });
      expect(error.message).toContain('{ method, args?, kwargs? }');
    },
  );
});

/** Streams as arguments: the other end reads them while the call they came with runs. */
import { describe, expect, it } from '@jest/globals';
import type { LogMessage, Peer } from '../../../src/core/peer/peer.js';
import { CallbackReference, StreamReference } from '../../../src/core/protocol/codec/references.js';
import { Kind } from '../../../src/core/protocol/messages.js';
import { AblePeer, FakeWorker, flushed } from '../memory-transport.js';

const SINK = {
  onResult: () => undefined,
  onItems: () => undefined,
  onEnd: () => undefined,
  onError: () => undefined,
  onLost: () => undefined,
};

interface Ends {
  readonly peer: Peer;
  readonly worker: FakeWorker;
  readonly logs: LogMessage[];
}

async function greet(source?: unknown, limits = {}): Promise<Ends> {
  const worker = new FakeWorker();
  const logs: LogMessage[] = [];
  const peer = new AblePeer(
    worker.transport,
    { runtime: '0.1.0', languageVersion: '20.0.0' },
    { onLog: (log) => logs.push(log) },
  );
  worker.hello(limits);
  if (source !== undefined) peer.call('take', [source], {}, SINK);
  await flushed();
  return { peer, worker, logs };
}

/** Opens the stream with number `reference`, as stream `id` of the worker's. */
function open(worker: FakeWorker, id: number, credit: number, reference = id): Promise<void> {
  worker.write((writer) => writer.request(id, `$upload:${reference}`, [], {}, credit));
  return flushed();
}

function grant(worker: FakeWorker, id: number, items: number): Promise<void> {
  worker.write((writer) => writer.credit(id, items));
  return flushed();
}

function cancel(worker: FakeWorker, id: number): Promise<void> {
  worker.write((writer) => writer.cancel(id));
  return flushed();
}

/** The items that the worker has got of stream `id`. */
function items(worker: FakeWorker, id = 1): unknown[] {
  const messages = worker.heard(Kind.Items).filter((message) => message.id === id);
  return messages.flatMap((message) => message.items);
}

const ended = (worker: FakeWorker, id = 1): boolean =>
  worker.heard(Kind.End).some((message) => message.id === id);

const failure = (worker: FakeWorker, id = 1): unknown =>
  worker.heard(Kind.Error).find((message) => message.id === id)?.error;

/** Counts from 0 on, and keeps what is done to it. */
function counting(most = Number.POSITIVE_INFINITY) {
  const seen = { started: 0, pulled: 0, closed: 0 };
  async function* count(): AsyncGenerator<number> {
    seen.started += 1;
    try {
      for (let next = 0; next < most; next++) {
        seen.pulled += 1;
        yield next;
      }
    } finally {
      seen.closed += 1;
    }
  }
  return { seen, source: count() };
}

describe('A stream among the arguments', () => {
  it.each<[string, () => unknown]>([
    ['an async generator', () => counting().source],
    ['a generator', () => (function* () {})()],
    ['an iterator of an array', () => [1].values()],
    ['an async iterable object', () => ({ [Symbol.asyncIterator]: () => counting().source })],
    [
      'an async iterable of a class',
      () =>
        new (class Feed {
          [Symbol.asyncIterator] = () => counting().source;
        })(),
    ],
    ['a web stream', () => new ReadableStream()],
    [
      'an iterator written by hand',
      () => ({ next: () => ({ done: true }), [Symbol.iterator]: () => [][Symbol.iterator]() }),
    ],
  ])('travels as a number: %s', async (_, make) => {
    const { worker } = await greet({ deep: [make()] });
    expect(worker.heard(Kind.Call)[0]?.args).toEqual([{ deep: [new StreamReference(1)] }]);
  });

  it.each<[string, unknown, unknown]>([
    ['an array', [1, 2], [1, 2]],
    ['a set', new Set([1, 2]), [1, 2]],
    ['a map', new Map([['a', 1]]), { a: 1 }],
    ['bytes', Uint8Array.of(1), Uint8Array.of(1)],
    ['an observer', { next: 1 }, { next: 1 }],
    [
      'an object with data of its own',
      { name: 'feed', [Symbol.asyncIterator]: () => counting().source },
      { name: 'feed' },
    ],
  ])('is no %s, which travels whole', async (_, value, expected) => {
    const { worker } = await greet(value);
    expect(worker.heard(Kind.Call)[0]?.args).toEqual([expected]);
  });

  it('shares its numbers with functions', async () => {
    const { worker } = await greet([() => 1, counting().source, () => 2]);
    expect(worker.heard(Kind.Call)[0]?.args).toEqual([
      [new CallbackReference(1), new StreamReference(2), new CallbackReference(3)],
    ]);
  });

  it('is not touched before it is opened', async () => {
    const { seen, source } = counting();
    const { worker } = await greet(source);
    worker.write((writer) => writer.result(1, null));
    await flushed();
    expect(seen).toEqual({ started: 0, pulled: 0, closed: 0 });
  });

  it('is read no further than there is credit for', async () => {
    const { seen, source } = counting();
    const { worker } = await greet(source);
    await open(worker, 1, 3);
    expect(items(worker)).toEqual([0, 1, 2]);
    expect(seen.pulled).toBe(3);
    await grant(worker, 1, 2);
    expect(items(worker)).toEqual([0, 1, 2, 3, 4]);
    expect(seen.pulled).toBe(5);
    expect(ended(worker)).toBe(false);
  });

  it('waits for credit when it is opened with none', async () => {
    const { seen, source } = counting();
    const { worker } = await greet(source);
    await open(worker, 1, 0);
    expect(seen.started).toBe(0);
    await grant(worker, 1, 1);
    expect(items(worker)).toEqual([0]);
  });

  it('ends with END, which needs no credit when the last item is known', async () => {
    const { worker } = await greet(counting(3).source);
    await open(worker, 1, 10);
    expect(items(worker)).toEqual([0, 1, 2]);
    expect(ended(worker)).toBe(true);
  });

  it('sends together what comes together', async () => {
    const { worker } = await greet(Array.from({ length: 200 }, (_, index) => index).values());
    await open(worker, 1, 256);
    expect(worker.heard(Kind.Items).map((message) => message.items.length)).toEqual([200]);
  });

  it('sends an item at once when the next is not there yet', async () => {
    let more: ((item: number) => void) | undefined;
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      yield await new Promise<number>((resolve) => {
        more = resolve;
      });
    }
    const { worker } = await greet(slow());
    await open(worker, 1, 8);
    expect(items(worker)).toEqual([1]);
    more?.(2);
    await flushed();
    expect(items(worker)).toEqual([1, 2]);
    expect(ended(worker)).toBe(true);
  });

  it('sends items as they were when they were yielded', async () => {
    function* same(): Generator<number[]> {
      const item: number[] = [];
      for (let next = 0; next < 3; next++) {
        item.push(next);
        yield item;
      }
    }
    const { worker } = await greet(same());
    await open(worker, 1, 8);
    expect(items(worker)).toEqual([[0], [0, 1], [0, 1, 2]]);
  });

  it('waits for promises that a generator yields', async () => {
    const { worker } = await greet([Promise.resolve(1), 2].values());
    await open(worker, 1, 8);
    expect(items(worker)).toEqual([1, 2]);
  });

  it('is split where items do not fit one frame', async () => {
    const limits = { limits: { max_frame_bytes: 200, max_depth: 128 } };
    const { worker } = await greet(
      ['a'.repeat(90), 'b'.repeat(90), 'c'.repeat(90)].values(),
      limits,
    );
    await open(worker, 1, 8);
    expect(items(worker)).toEqual(['a'.repeat(90), 'b'.repeat(90), 'c'.repeat(90)]);
    expect(worker.heard(Kind.Items).map((message) => message.items.length)).toEqual([2, 1]);
    expect(ended(worker)).toBe(true);
  });

  it('fails with an item that is too large even alone, after those before it', async () => {
    const limits = { limits: { max_frame_bytes: 2000, max_depth: 128 } };
    const { worker } = await greet(['a', 'b'.repeat(2000), 'c'].values(), limits);
    await open(worker, 1, 8);
    expect(items(worker)).toEqual(['a']);
    expect(failure(worker)).toMatchObject({ code: 'FRAME_TOO_LARGE' });
  });

  it('fails with what it throws, after the items before that', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new RangeError('no more');
    }
    const { worker } = await greet(failing());
    await open(worker, 1, 8);
    expect(items(worker)).toEqual([1]);
    expect(failure(worker)).toMatchObject({ type: 'RangeError', message: 'no more' });
  });

  it('fails with an item that cannot travel, says which, and lets the source clean up', async () => {
    const { seen, source } = counting();
    async function* odd(): AsyncGenerator<unknown> {
      for await (const item of source) yield item === 2 ? { fn: () => 1 } : item;
    }
    const { worker } = await greet(odd());
    await open(worker, 1, 8);
    expect(items(worker)).toEqual([0, 1]);
    expect(failure(worker)).toMatchObject({
      code: 'ENCODE_FAILED',
      message: expect.stringContaining('$[2].fn'),
    });
    expect(seen.closed).toBe(1);
  });

  it('fails when its iterator gives no iterator results', async () => {
    const broken = { [Symbol.asyncIterator]: () => ({ next: () => 1 }) };
    const { worker } = await greet(broken);
    await open(worker, 1, 8);
    expect(failure(worker)).toMatchObject({ type: 'TypeError' });
  });

  it('is closed by CANCEL, and answers that', async () => {
    const { seen, source } = counting();
    const { worker } = await greet(source);
    await open(worker, 1, 2);
    await cancel(worker, 1);
    expect(failure(worker)).toMatchObject({ code: 'CALL_CANCELLED' });
    expect(seen.closed).toBe(1);
    await grant(worker, 1, 5);
    expect(items(worker)).toEqual([0, 1]);
  });

  it('is closed when its call has ended, and answers that', async () => {
    const { seen, source } = counting();
    const { worker } = await greet(source);
    await open(worker, 1, 2);
    worker.write((writer) => writer.result(1, null));
    await flushed();
    expect(failure(worker)).toMatchObject({ code: 'CALLBACK_RELEASED' });
    expect(seen.closed).toBe(1);
    await open(worker, 2, 1, 1);
    expect(failure(worker, 2)).toMatchObject({ code: 'CALLBACK_RELEASED' });
  });

  it('outlives the end of another call', async () => {
    const { peer, worker } = await greet(counting().source);
    peer.call('other', [counting().source], {}, SINK);
    await open(worker, 1, 1);
    await open(worker, 2, 1);
    worker.write((writer) => writer.result(2, null));
    await grant(worker, 1, 1);
    expect(items(worker, 1)).toEqual([0, 1]);
    expect(failure(worker, 2)).toMatchObject({ code: 'CALLBACK_RELEASED' });
  });

  it('is closed when the connection is lost', async () => {
    const { seen, source } = counting();
    const { peer, worker } = await greet(source);
    await open(worker, 1, 2);
    peer.close();
    await flushed();
    expect(seen.closed).toBe(1);
    expect(failure(worker)).toBeUndefined();
  });

  it('tells the log what its clean-up failed with', async () => {
    async function* untidy(): AsyncGenerator<number> {
      try {
        yield 1;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: it is what is tried
        throw new Error('untidy');
      }
    }
    const { worker, logs } = await greet(untidy());
    await open(worker, 1, 1);
    await cancel(worker, 1);
    expect(logs).toMatchObject([
      { id: 1, record: { level: 'WARNING', message: expect.stringContaining('untidy') } },
    ]);
  });

  it('can be opened once', async () => {
    const { worker } = await greet(counting().source);
    await open(worker, 1, 1);
    await open(worker, 2, 1, 1);
    expect(failure(worker, 2)).toMatchObject({ code: 'CALLBACK_RELEASED' });
    await grant(worker, 1, 1);
    expect(items(worker)).toEqual([0, 1]);
  });

  it('is no function, and a function is no stream', async () => {
    const { worker } = await greet([counting().source, () => 1]);
    worker.write((writer) => writer.request(1, '$callback:1', [], {}));
    await open(worker, 2, 1);
    await open(worker, 3, 1, 9);
    expect(failure(worker, 1)).toMatchObject({ code: 'IS_A_STREAM' });
    expect(failure(worker, 2)).toMatchObject({ code: 'NOT_A_STREAM' });
    expect(failure(worker, 3)).toMatchObject({ code: 'METHOD_NOT_FOUND' });
  });

  it('takes no arguments', async () => {
    const { worker } = await greet(counting().source);
    worker.write((writer) => writer.request(1, '$upload:1', [1], {}, 1));
    expect(await flushed().then(() => failure(worker))).toMatchObject({
      code: 'INVALID_ARGUMENTS',
    });
  });

  it('is pulled as a part of its call', async () => {
    const { peer, worker } = await greet();
    const runs: string[] = [];
    const runCallback = async (pull: () => unknown) => {
      runs.push('begins');
      await pull();
      runs.push('ends');
    };
    peer.call('take', [counting().source], {}, { ...SINK, runCallback });
    await open(worker, 1, 2);
    expect(runs).toEqual(['begins', 'ends']);
    await grant(worker, 1, 1);
    expect(runs).toEqual(['begins', 'ends', 'begins', 'ends']);
  });
});

/** Functions as arguments: the other end calls them while the call they came with runs. */
import { describe, expect, it } from '@jest/globals';
import type { Peer } from '../../../src/core/peer/peer.js';
import { CallbackReference } from '../../../src/core/protocol/codec/references.js';
import * as limits from '../../../src/core/protocol/limits.js';
import { Kind } from '../../../src/core/protocol/messages.js';
import { AblePeer, FakeWorker, flushed } from '../memory-transport.js';

const SINK = {
  onResult: () => undefined,
  onItems: () => undefined,
  onEnd: () => undefined,
  onError: () => undefined,
  onLost: () => undefined,
};

function greet(changes = {}): { peer: Peer; worker: FakeWorker } {
  const worker = new FakeWorker();
  const peer = new AblePeer(worker.transport, {
    runtime: '0.1.0',
    languageVersion: '20.0.0',
  });
  worker.hello(changes);
  return { peer, worker };
}

/** Calls the function with number `reference`, as call `id` of the worker's. */
function callBack(worker: FakeWorker, id: number, reference: number, ...args: unknown[]): void {
  worker.write((writer) => writer.request(id, `$callback:${reference}`, args, {}));
}

/** What the worker has been answered to call `id`. */
async function answer(worker: FakeWorker, id: number): Promise<unknown> {
  await flushed();
  await flushed();
  const result = worker.heard(Kind.Result).find((message) => message.id === id);
  return result === undefined
    ? worker.heard(Kind.Error).find((message) => message.id === id)?.error
    : { value: result.value };
}

describe('A function among the arguments', () => {
  it('travels as a number of its own, in positional and keyword arguments, at any depth', async () => {
    const { peer, worker } = greet();
    peer.call('a', [() => 1, { deep: [() => 2] }], { key: () => 3 }, SINK);
    peer.open('b', [() => 4], {}, 1, SINK);
    await flushed();
    const [call] = worker.heard(Kind.Call);
    expect(call?.args).toEqual([new CallbackReference(1), { deep: [new CallbackReference(2)] }]);
    expect(call?.kwargs).toEqual({ key: new CallbackReference(3) });
    expect(worker.heard(Kind.Open)[0]?.args).toEqual([new CallbackReference(4)]);
  });

  it('is called with what the worker gives, sync or async, and its answer goes back', async () => {
    const { peer, worker } = greet();
    peer.call('a', [(a: number, b: number) => a + b, async (text: string) => `${text}!`], {}, SINK);
    await flushed();
    callBack(worker, 1, 1, 2, 3);
    callBack(worker, 2, 2, 'so');
    expect(await answer(worker, 1)).toEqual({ value: 5 });
    expect(await answer(worker, 2)).toEqual({ value: 'so!' });
  });

  it('may fill a large buffer that it returned again at once, though the pipe is full', async () => {
    const { peer, worker } = greet({ capabilities: ['segments'] });
    const scratch = new Uint8Array(limits.minSegmentBytes);
    peer.call('a', [(mark: number) => scratch.fill(mark)], {}, SINK);
    await flushed();
    const unread: Uint8Array[] = [];
    worker.transport.send = (bytes) => void unread.push(bytes);
    callBack(worker, 1, 1, 1);
    await flushed();
    callBack(worker, 2, 1, 2);
    await flushed();
    const segments = unread.filter(({ length }) => length === scratch.length);
    expect(segments.map(([first]) => first)).toEqual([1, 2]);
  });

  it('is not called any more once its call was given up, whatever the worker asks for', async () => {
    const { peer, worker } = greet();
    const called: number[] = [];
    const sink = { ...SINK, settled: false };
    const giveUpAtOne = (value: number): void => {
      called.push(value);
      if (value === 1) sink.settled = true;
    };
    peer.call('a', [giveUpAtOne], {}, sink);
    await flushed();
    // In one go: they have all arrived when the first of them gives the call up.
    callBack(worker, 1, 1, 0);
    callBack(worker, 2, 1, 1);
    callBack(worker, 3, 1, 2);
    expect(await answer(worker, 2)).toEqual({ value: null });
    expect(await answer(worker, 3)).toMatchObject({ code: 'CALLBACK_RELEASED' });
    expect(called).toEqual([0, 1]);
    // Asked for before the worker had heard of it, read together with the end of the call.
    callBack(worker, 4, 1, 3);
    worker.write((writer) => writer.error(1, new Error('cancelled')));
    expect(await answer(worker, 4)).toMatchObject({ code: 'CALLBACK_RELEASED' });
    expect(called).toEqual([0, 1]);
  });

  it('answers null for nothing', async () => {
    const { peer, worker } = greet();
    peer.call('a', [() => undefined], {}, SINK);
    callBack(worker, 1, 1);
    expect(await answer(worker, 1)).toEqual({ value: null });
  });

  it('answers with what it throws: name, message and stack', async () => {
    const { peer, worker } = greet();
    const fail = (): never => {
      throw new RangeError('too far');
    };
    peer.call('a', [fail], {}, SINK);
    callBack(worker, 1, 1);
    expect(await answer(worker, 1)).toMatchObject({
      type: 'RangeError',
      message: 'too far',
      traceback: expect.stringContaining('callbacks.test'),
    });
  });

  it('answers with an error when what it returns cannot travel', async () => {
    const { peer, worker } = greet();
    peer.call('a', [() => Symbol('s')], {}, SINK);
    callBack(worker, 1, 1);
    expect(await answer(worker, 1)).toMatchObject({ code: 'ENCODE_FAILED' });
  });

  it.each([
    ['its result', (worker: FakeWorker) => worker.write((writer) => writer.result(1, null))],
    [
      'its error',
      (worker: FakeWorker) => worker.write((writer) => writer.error(1, new Error('x'))),
    ],
  ])('is released when its call has %s', async (_, settle) => {
    const { peer, worker } = greet();
    peer.call('a', [() => 1], {}, SINK);
    peer.call('b', [() => 2], {}, SINK);
    await flushed();
    settle(worker);
    callBack(worker, 1, 1);
    callBack(worker, 2, 2);
    expect(await answer(worker, 1)).toMatchObject({
      code: 'CALLBACK_RELEASED',
    });
    expect(await answer(worker, 2)).toEqual({ value: 2 });
  });

  it('is released when its stream ends', async () => {
    const { peer, worker } = greet();
    peer.open('a', [() => 1], {}, 1, SINK);
    await flushed();
    worker.write((writer) => writer.end(1));
    callBack(worker, 1, 1);
    expect(await answer(worker, 1)).toMatchObject({
      code: 'CALLBACK_RELEASED',
    });
  });

  it('is released with those of its own call alone', async () => {
    const { peer, worker } = greet();
    peer.call('a', [() => 1, () => 2], {}, SINK);
    peer.call('b', [() => 3, () => 4], {}, SINK);
    await flushed();
    worker.write((writer) => writer.result(2, null));
    for (const reference of [1, 2, 3, 4]) callBack(worker, reference, reference);
    expect(await answer(worker, 1)).toEqual({ value: 1 });
    expect(await answer(worker, 2)).toEqual({ value: 2 });
    expect(await answer(worker, 3)).toMatchObject({
      code: 'CALLBACK_RELEASED',
    });
    expect(await answer(worker, 4)).toMatchObject({
      code: 'CALLBACK_RELEASED',
    });
  });

  it('is forgotten with a call that could not be sent', async () => {
    const { peer, worker } = greet();
    expect(() => peer.call('a', [() => 1, Symbol('s')], {}, SINK)).toThrow('$.args[1]');
    callBack(worker, 1, 1);
    expect(await answer(worker, 1)).toMatchObject({
      code: 'CALLBACK_RELEASED',
    });
  });

  it('can be called until the calls of a draining connection have ended', async () => {
    const { peer, worker } = greet();
    peer.call('a', [() => 1], {}, SINK);
    peer.drain();
    callBack(worker, 1, 1);
    expect(await answer(worker, 1)).toEqual({ value: 1 });
  });
});

describe('A call of the worker', () => {
  it('of a number that was never given is refused', async () => {
    const { worker } = greet();
    callBack(worker, 1, 9);
    worker.write((writer) => writer.request(2, 'unlink', ['/'], {}));
    expect(await answer(worker, 1)).toMatchObject({ code: 'METHOD_NOT_FOUND' });
    expect(await answer(worker, 2)).toMatchObject({ code: 'METHOD_NOT_FOUND' });
  });

  it('with keywords is refused', async () => {
    const { peer, worker } = greet();
    peer.call('a', [() => 1], {}, SINK);
    worker.write((writer) => writer.request(1, '$callback:1', [], { x: 1 }));
    expect(await answer(worker, 1)).toMatchObject({
      code: 'INVALID_ARGUMENTS',
    });
  });

  it('that is cancelled is answered at once, and only once', async () => {
    const { peer, worker } = greet();
    let finish: (value: unknown) => void = () => undefined;
    const slow = new Promise((resolve) => {
      finish = resolve;
    });
    peer.call('a', [() => slow], {}, SINK);
    callBack(worker, 1, 1);
    worker.write((writer) => writer.cancel(1));
    expect(await answer(worker, 1)).toMatchObject({ code: 'CALL_CANCELLED' });
    finish('late');
    await flushed();
    expect(worker.heard(Kind.Result)).toEqual([]);
    expect(worker.heard(Kind.Error)).toHaveLength(1);
  });

  it('is never one too many: as many run as the worker makes', async () => {
    const { peer, worker } = greet();
    let finish: (value: unknown) => void = () => undefined;
    const gate = new Promise((resolve) => {
      finish = resolve;
    });
    let running = 0;
    const held = (): unknown => {
      running += 1;
      return gate;
    };
    peer.call('a', [held], {}, SINK);
    for (let id = 1; id <= 3000; id++) callBack(worker, id, 1);
    await flushed();
    expect(running).toBe(3000);
    finish('open');
    expect(await answer(worker, 3000)).toEqual({ value: 'open' });
    expect(worker.heard(Kind.Error)).toEqual([]);
  });

  it('is not answered once the connection is closed', async () => {
    const { peer, worker } = greet();
    peer.call('a', [() => 1], {}, SINK);
    callBack(worker, 1, 1);
    peer.close();
    expect(await answer(worker, 1)).toBeUndefined();
  });
});

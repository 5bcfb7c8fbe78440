// A peer with no abilities but those of every peer, as a small bundle has it: it says what it cannot do.
import { describe, expect, it } from '@jest/globals';
import type { Abilities } from '../../../src/core/peer/abilities.js';
import { Peer } from '../../../src/core/peer/peer.js';
import type { CallSink } from '../../../src/core/peer/sinks.js';
import { ARRAYS } from '../../../src/core/protocol/codec/array-extension.js';
import { NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { Kind } from '../../../src/core/protocol/messages.js';
import { FakeWorker, flushed } from '../memory-transport.js';

const HELLO = { runtime: '0.1.0', languageVersion: '20.0.0' };
const ARRAY = new NdArray(new Float64Array([1, 2, 3, 4]), [2, 2]);

function connected(abilities?: Abilities) {
  const worker = new FakeWorker();
  const peer = new Peer(worker.transport, HELLO, {}, undefined, abilities);
  worker.hello({ capabilities: ['segments'] });
  return { peer, worker };
}

/** A call that remembers how it ended. */
function recorder() {
  const ends: unknown[] = [];
  const end = (what: unknown): void => void ends.push(what);
  const sink: CallSink = { onResult: end, onError: end, onLost: end };
  return { ends, sink };
}

describe('A peer without abilities', () => {
  it('calls, and reads what every peer reads', async () => {
    const { peer, worker } = connected();
    const { ends, sink } = recorder();
    const value = { at: new Date(0), big: -(2n ** 63n), map: new Map([[1, 'one']]), text: 'ä' };
    peer.call('echo', [value], {}, sink);
    await flushed();
    expect(worker.heard(Kind.Call)[0]?.args).toEqual([value]);
    worker.write((writer) => writer.result(1, value));
    expect(ends).toEqual([value]);
  });

  it('does not read the shapes of methods', async () => {
    const { peer } = connected();
    const { module, methods } = await peer.ready;
    expect(module).toBe('demo');
    expect(methods.size).toBe(0);
  });

  it('reads a large answer at once', () => {
    const { peer, worker } = connected();
    const { ends, sink } = recorder();
    const numbers = Array.from({ length: 300_000 }, (_, index) => index);
    peer.call('numbers', [], {}, sink);
    worker.write((writer) => writer.result(1, numbers));
    expect(ends).toEqual([numbers]);
    expect(worker.transport.paused).toBe(false);
  });

  it('offers no segments, and sends none to who reads them', async () => {
    const { peer, worker } = connected();
    peer.call('take', [new Uint8Array(100_000)], {}, recorder().sink);
    await flushed();
    expect(worker.heard(Kind.Hello)[0]?.body).toMatchObject({ capabilities: [] });
    expect(worker.heard(Kind.Call)[0]?.args).toEqual([new Uint8Array(100_000)]);
  });

  it.each([
    ['a function', () => 1, 'a function cannot travel'],
    ['an iterator', [1].values(), 'a Array Iterator cannot travel'],
    ['an array', ARRAY, 'made without arrays'],
    ['numbers', new Float64Array(2), 'made without arrays'],
    ['an integer beyond 64 bits', 2n ** 64n, 'send it as text'],
  ])('refuses %s among the arguments', (_what, value, named) => {
    const { peer } = connected();
    const call = () => peer.call('take', [value], {}, recorder().sink);
    expect(call).toThrow(new RegExp(`Cannot encode \\$\\.args\\[0\\]: .*${named}`));
  });

  it.each([
    ['an array', ARRAY, 'unknown type 2'],
    ['an integer beyond 64 bits', 2n ** 80n, 'unknown type 1'],
  ])('fails a call whose answer, %s, it cannot read', (_what, value, says) => {
    const { peer, worker } = connected();
    const { ends, sink } = recorder();
    peer.call('array', [], {}, sink);
    worker.write((writer) => writer.result(1, value));
    expect(ends.map(String)).toEqual([expect.stringContaining(says)]);
    expect(peer.state).toBe('open');
  });

  it('takes a call of the other end for a breach of the protocol', async () => {
    const { peer, worker } = connected();
    worker.write((writer) => writer.request(1, '$callback:1', [], {}));
    expect(peer.state).toBe('closed');
    await flushed();
    expect(worker.heard(Kind.Fail)[0]?.error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: 'Unexpected CALL from the other end.',
    });
  });
});

it('A peer has the abilities it is given, one by one', async () => {
  const { peer, worker } = connected({ extensions: ARRAYS });
  const { ends, sink } = recorder();
  peer.call('echo', [ARRAY], {}, sink);
  await flushed();
  expect(worker.heard(Kind.Call)[0]?.args).toEqual([ARRAY]);
  worker.write((writer) => writer.result(1, ARRAY));
  expect(ends).toEqual([ARRAY]);
  expect(() => peer.call('take', [() => 1], {}, sink)).toThrow('a function cannot travel');
});

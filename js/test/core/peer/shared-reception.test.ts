// Segments that others bring out of shared memory: what is told of their messages, and in which order, is as if all
// had come at once.
import { describe, expect, it } from '@jest/globals';
import type { CallSink } from '../../../src/core/peer/sinks.js';
import { Kind } from '../../../src/core/protocol/messages.js';
import type { Transport } from '../../../src/core/transport.js';
import { AblePeer, FakeWorker, flushed } from '../memory-transport.js';
import { MemorySource } from '../shared-memory.js';

const CLIENT = { runtime: '0.1.0', languageVersion: '20.0.0' };

function greet() {
  const worker = new FakeWorker();
  const incoming = new MemorySource(Uint8Array.of(7, 8, 9));
  const outgoing = { claim: () => false, put: () => undefined };
  const shared = { incoming, outgoing, onIdle: (): void => undefined };
  const transport: Transport = Object.assign(worker.transport, { shared });
  const closed: string[] = [];
  const peer = new AblePeer(transport, CLIENT, { onClosed: ({ code }) => closed.push(code) });
  worker.hello({ capabilities: ['segments'] });
  const told: string[] = [];
  const values: unknown[] = [];
  const call = (name: string): number => {
    const sink: CallSink = {
      onResult: (value) => {
        values.push(value);
        told.push(`${name} ${value instanceof Uint8Array ? [...value] : value}`);
      },
      onError: (error) => told.push(`${name} ${error.code}`),
      onLost: (error) => told.push(`${name} lost: ${error.code}`),
    };
    return peer.call('add', [], {}, sink);
  };
  /** Answers a call with three bytes in the memory, and another behind it. */
  const answer = (large: number, small: number): void => {
    const result = [3, 0, large, 0, 0, 0, 0, 0, 0xd6, 5, 0, 0, 0, 0];
    const frame = [result.length, 0, 0, 0x80, ...result, 1, 0, 0, 0x80, 3, 0, 0, 0, 3, 0, 0, 0];
    const behind = [9, 0, 0, 0, 3, 0, small, 0, 0, 0, 0, 0, 42];
    worker.transport.receiver.onBytes(Uint8Array.from([...frame, ...behind]));
  };
  return { peer, worker, incoming, shared, told, values, closed, call, answer };
}

describe('A message whose segments are on their way', () => {
  it('is said to be read by the HELLO of who has the memory', async () => {
    const { worker } = greet();
    await flushed();
    expect(worker.heard(Kind.Hello)[0]!.body).toMatchObject({
      capabilities: ['segments', 'shared'],
    });
  });

  it('is handled before what came behind it, while the transport rests', async () => {
    const { worker, incoming, told, call, answer } = greet();
    const { go } = incoming.hold();
    answer(call('large'), call('small'));
    await flushed();
    expect([told, worker.transport.paused]).toEqual([[], true]);
    go();
    await flushed();
    expect(told).toEqual(['large 7,8,9', 'small 42']);
    expect([worker.transport.paused, incoming.releases]).toEqual([false, 1]);
  });

  it('counts when the connection is lost that brought it', () => {
    const { worker, incoming, told, call, answer } = greet();
    incoming.hold();
    answer(call('large'), call('small'));
    call('other');
    worker.transport.receiver.onClose();
    expect(told).toEqual(['large 7,8,9', 'small 42', 'other lost: CLOSED']);
  });

  it('counts when this end closes, and nothing is told twice when it comes', async () => {
    const { peer, incoming, told, closed, call, answer } = greet();
    const { go } = incoming.hold();
    answer(call('large'), call('small'));
    peer.close();
    go();
    await flushed();
    expect([told, closed]).toEqual([['large 7,8,9', 'small 42'], ['CLOSED']]);
  });

  it('is not written to any more by a thread that was late, when this end has closed', async () => {
    const { peer, incoming, values, call, answer } = greet();
    const { go } = incoming.hold();
    answer(call('large'), call('small'));
    await flushed();
    peer.close();
    (values[0] as Uint8Array).fill(42);
    go();
    await flushed();
    expect(values[0]).toEqual(Uint8Array.of(42, 42, 42));
  });

  it('breaks the connection when they cannot be read', async () => {
    const { incoming, told, closed, call, answer } = greet();
    const { fail } = incoming.hold();
    answer(call('large'), call('small'));
    fail(new Error('EIO'));
    await flushed();
    expect(closed).toEqual(['PROTOCOL_ERROR']);
    expect(told).toEqual(['large lost: PROTOCOL_ERROR', 'small lost: PROTOCOL_ERROR']);
  });
});

it('An idle connection tells the worker, by a message that may be ignored', async () => {
  const { shared, worker } = greet();
  shared.onIdle();
  await flushed();
  expect(worker.received.map(({ kind }) => kind)).toEqual([Kind.Hello, 'ignored']);
});

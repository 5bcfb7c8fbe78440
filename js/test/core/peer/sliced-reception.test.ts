// Large messages are decoded in slices; what is told of them, and in which order, is as if they were not.
import { describe, expect, it } from '@jest/globals';
import type { CallSink, StreamSink } from '../../../src/core/peer/sinks.js';
import { Kind } from '../../../src/core/protocol/messages.js';
import { AblePeer, FakeWorker, flushed } from '../memory-transport.js';

const CLIENT = { runtime: '0.1.0', languageVersion: '20.0.0' };
/** Some slices of values. */
const MANY = Array.from({ length: 100_000 }, (_, index) => 100_000 + index);

function greet() {
  const worker = new FakeWorker();
  const peer = new AblePeer(worker.transport, CLIENT);
  worker.hello();
  const told: string[] = [];
  const values: unknown[] = [];
  const sink = (name: string): CallSink & StreamSink => ({
    onResult: (value) => {
      told.push(`${name} result`);
      values.push(value);
    },
    onItems: (items) => {
      told.push(`${name} items`);
      values.push(items);
    },
    onEnd: () => told.push(`${name} end`),
    onError: (error) => told.push(`${name} ${error.code}`),
    onLost: (error) => told.push(`${name} lost: ${error.code}`),
  });
  const call = (name: string) => peer.call('add', [], {}, sink(name));
  const open = (name: string) => peer.open('ticks', [], {}, 16, sink(name));
  return { peer, worker, told, values, call, open };
}

/** Resolves when the transport goes on; how many other turns there were. */
async function untilDecoded(worker: FakeWorker): Promise<number> {
  let turns = 0;
  while (worker.transport.paused) {
    await flushed();
    turns++;
    if (turns > 10_000) throw new Error('It is never decoded.');
  }
  return turns;
}

describe('A large message', () => {
  it('leaves turns to other work, and the transport rests meanwhile', async () => {
    const { worker, told, values, call } = greet();
    const id = call('large');
    worker.write((writer) => writer.result(id, MANY));
    expect(told).toEqual([]);
    expect(worker.transport.paused).toBe(true);
    expect(await untilDecoded(worker)).toBeGreaterThan(2);
    expect(told).toEqual(['large result']);
    expect((values[0] as number[]).every((value, index) => value === MANY[index])).toBe(true);
    expect(values[0]).toHaveLength(MANY.length);
  });

  it('is handled before what came behind it, large or small', async () => {
    const { worker, told, call, open } = greet();
    const [first, second, third, stream] = [call('1'), call('2'), call('3'), open('s')];
    worker.write((writer) => {
      writer.timedResult(first, 7, MANY);
      writer.result(second, 2);
      writer.items(
        stream,
        MANY.slice(0, 16).map(() => MANY.slice(0, 10_000)),
      );
      writer.end(stream);
      writer.result(third, 3);
    });
    await untilDecoded(worker);
    expect(told).toEqual(['1 result', '2 result', 's items', 's end', '3 result']);
  });

  it('is whole before the connection is lost that brought it', () => {
    const { worker, told, call } = greet();
    const [first, second, third] = [call('1'), call('2'), call('3')];
    worker.write((writer) => {
      writer.result(first, MANY);
      writer.result(second, 2);
    });
    worker.transport.receiver.onClose();
    expect(third).toBe(3);
    expect(told).toEqual(['1 result', '2 result', '3 lost: CLOSED']);
  });

  it('is whole before what follows it breaks the protocol', async () => {
    const { worker, told, call } = greet();
    const [first, second] = [call('1'), call('2')];
    worker.write((writer) => {
      writer.result(first, MANY);
      writer.result(4711, 1);
    });
    expect(second).toBe(2);
    await untilDecoded(worker);
    expect(told).toEqual(['1 result', '2 lost: PROTOCOL_ERROR']);
    await flushed();
    expect(worker.heard(Kind.Fail)[0]?.error.code).toBe('PROTOCOL_ERROR');
  });

  it('is whole before a length that breaks the stream of frames', () => {
    const { worker, told, call } = greet();
    const id = call('1');
    worker.write((writer) => writer.result(id, MANY));
    worker.transport.receiver.onBytes(Uint8Array.of(0xff, 0xff, 0xff, 0x7f));
    expect(told).toEqual(['1 result']);
  });

  it('is whole before this end closes the connection, and the transport goes on to its end', async () => {
    const { peer, worker, told, call } = greet();
    const [first, second] = [call('1'), call('2')];
    worker.write((writer) => writer.result(first, MANY));
    peer.close();
    expect(second).toBe(2);
    expect(worker.transport.paused).toBe(false);
    await flushed();
    expect(told).toEqual(['1 result', '2 lost: CLOSED']);
  });

  it('that does not decode costs its call alone', async () => {
    const { worker, told, call } = greet();
    const [first, second] = [call('1'), call('2')];
    const nested = (depth: number): unknown => (depth === 0 ? MANY : [nested(depth - 1)]);
    worker.writeDeep((writer) => {
      writer.result(first, nested(140));
      writer.result(second, 2);
    });
    await untilDecoded(worker);
    expect(told).toEqual(['1 DEPTH_EXCEEDED', '2 result']);
  });
});

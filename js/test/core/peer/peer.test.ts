import { describe, expect, it } from '@jest/globals';
import type { Peer, PeerEvents } from '../../../src/core/peer/peer.js';
import type { CallSink, StreamSink } from '../../../src/core/peer/sinks.js';
import { Kind } from '../../../src/core/protocol/messages.js';
import { AblePeer, FakeWorker, flushed } from '../memory-transport.js';

const CLIENT = { runtime: '0.1.0', languageVersion: '20.0.0' };

type Told = [what: string, value?: unknown];

/** A sink that writes down everything it is told. */
function recorder(onProgress = false): CallSink & StreamSink & { told: Told[] } {
  const told: Told[] = [];
  return {
    told,
    onResult: (value) => told.push(['result', value]),
    onItems: (items) => told.push(['items', items]),
    onEnd: () => told.push(['end']),
    onError: (error) => told.push(['error', error.code]),
    onLost: (error) => told.push(['lost', error.code]),
    ...(onProgress && { onProgress: (value: unknown) => told.push(['progress', value]) }),
  };
}

function greet(events: PeerEvents = {}): { peer: Peer; worker: FakeWorker } {
  const worker = new FakeWorker();
  const peer = new AblePeer(worker.transport, CLIENT, events);
  worker.hello();
  return { peer, worker };
}

/** What the worker was told when it broke the protocol. */
async function failureTold(worker: FakeWorker): Promise<unknown> {
  await flushed();
  return worker.heard(Kind.Fail)[0]?.error.code;
}

describe('The handshake', () => {
  it('says who this end is, first', async () => {
    const worker = new FakeWorker();
    new AblePeer(worker.transport, CLIENT);
    await flushed();
    expect(worker.received).toHaveLength(1);
    expect(worker.heard(Kind.Hello)[0]?.body).toMatchObject({
      magic: 'synapse',
      protocol: 1,
      runtime: '0.1.0',
      language: 'javascript',
      limits: { max_frame_bytes: 536_870_912, max_depth: 128 },
    });
  });

  it('resolves to what the worker says of itself', async () => {
    const { peer } = greet();
    const hello = await peer.ready;
    expect(hello).toMatchObject({ pid: 4711, module: 'demo', languageVersion: '3.11.7' });
    expect(hello.methods.get('ticks')).toEqual({ kind: 'stream', mode: 'async' });
  });

  it('keeps what the module says of its methods, where it makes sense', async () => {
    const worker = new FakeWorker();
    const peer = new AblePeer(worker.transport, CLIENT);
    const add = { kind: 'call', mode: 'sync' };
    worker.hello({
      methods: {
        add: { ...add, idempotent: true, concurrency: 2 },
        odd: { ...add, idempotent: 'yes', concurrency: -1 },
      },
    });
    const { methods } = await peer.ready;
    expect(methods.get('add')).toEqual({ ...add, idempotent: true, concurrency: 2 });
    expect(methods.get('odd')).toEqual(add);
  });

  it.each([
    [{ magic: 'http' }, /magic/],
    [{ protocol: 2 }, /upgrade the npm side/],
    [{ protocol: 0 }, /upgrade the Python side/],
    [{ methods: [1] }, /map/],
  ])('refuses %j', async (changes, says) => {
    const worker = new FakeWorker();
    const peer = new AblePeer(worker.transport, CLIENT);
    worker.hello(changes);
    await expect(peer.ready).rejects.toThrow(says);
    expect(await failureTold(worker)).toBe('PROTOCOL_ERROR');
  });

  it('refuses another message before it', async () => {
    const worker = new FakeWorker();
    const peer = new AblePeer(worker.transport, CLIENT);
    worker.write((writer) => writer.end(1));
    await expect(peer.ready).rejects.toThrow('Expected HELLO first, got END');
  });

  it('rejects with the error of a FAIL', async () => {
    const worker = new FakeWorker();
    const peer = new AblePeer(worker.transport, CLIENT);
    worker.write((writer) => writer.fail(new Error('no module named numpy')));
    await expect(peer.ready).rejects.toThrow('no module named numpy');
    expect(peer.state).toBe('closed');
  });

  it('binds this end to the largest frame the worker takes', async () => {
    const worker = new FakeWorker();
    const peer = new AblePeer(worker.transport, CLIENT);
    worker.hello({ limits: { max_frame_bytes: 100, max_depth: 128 } });
    expect(() => peer.call('add', ['x'.repeat(100)], {}, recorder())).toThrow('limit of 100 bytes');
    expect(peer.call('add', ['x'], {}, recorder())).toBe(1);
    worker.write((writer) => writer.drain());
    expect(peer.state).toBe('closed');
    await flushed();
    expect(worker.received.map(({ kind }) => kind)).toEqual([Kind.Hello, Kind.Call]);
  });

  it('takes no calls before it is done', () => {
    const worker = new FakeWorker();
    const peer = new AblePeer(worker.transport, CLIENT);
    expect(() => peer.call('add', [], {}, recorder())).toThrow('takes no calls');
  });
});

describe('A call', () => {
  const meta = { traceparent: '00-ab-cd-01' };

  it('tells a worker that listens to it which trace it is of, and asks for its time', async () => {
    const worker = new FakeWorker();
    const peer = new AblePeer(worker.transport, CLIENT);
    worker.hello({ capabilities: ['trace', 'timing'] });
    const told: unknown[] = [];
    const onResult = (...what: unknown[]): void => void told.push(what);
    peer.call('add', [1], {}, { ...recorder(), meta, wantsTiming: true, onResult });
    peer.open('ticks', [], {}, 8, { ...recorder(), meta });
    await flushed();
    expect(worker.heard(Kind.Call)).toMatchObject([{ meta, wantsTiming: true }]);
    expect(worker.heard(Kind.Open)).toMatchObject([{ meta, credit: 8 }]);
    worker.write((writer) => writer.timedResult(1, 1500, 'done'));
    expect(told).toEqual([['done', false, 1500]]);
  });

  it('tells and asks nothing of the kind where the worker is older', async () => {
    const { peer, worker } = greet();
    peer.call('add', [1], {}, { ...recorder(true), meta, wantsTiming: true });
    await flushed();
    const [call] = worker.heard(Kind.Call);
    expect(call).toMatchObject({ wantsProgress: true, wantsTiming: false });
    expect(call?.meta).toBeUndefined();
  });

  it('is sent with its arguments and resolved by its id', async () => {
    const { peer, worker } = greet();
    const [first, second] = [recorder(), recorder()];
    peer.call('add', [1], { c: 5 }, first);
    peer.call('add', [2], {}, second);
    await flushed();
    expect(worker.heard(Kind.Call)).toMatchObject([
      { kind: 2, id: 1, method: 'add', args: [1], kwargs: { c: 5 }, wantsProgress: false },
      { kind: 2, id: 2, method: 'add', args: [2], kwargs: {}, wantsProgress: false },
    ]);
    worker.write((writer) => {
      writer.result(2, 'second');
      writer.result(1, 'first');
    });
    expect([first.told, second.told]).toEqual([[['result', 'first']], [['result', 'second']]]);
    expect(peer.pendingCount).toBe(0);
  });

  it('that cannot be encoded sends nothing and uses up no id', async () => {
    const { peer, worker } = greet();
    expect(() => peer.call('add', [{ f: Symbol('f') }], {}, recorder())).toThrow(
      /\$\.args\[0\]\.f/,
    );
    expect(peer.call('add', [1], {}, recorder())).toBe(1);
    await flushed();
    expect(worker.heard(Kind.Call)).toHaveLength(1);
  });

  it('fails alone when its answer does not decode', async () => {
    const { peer, worker } = greet();
    const [broken, fine] = [recorder(), recorder()];
    peer.call('add', [], {}, broken);
    peer.call('add', [], {}, fine);
    worker.writePayload(Kind.Result, 0, 1, 0, 0, 0, 0, 0, 0xc1);
    worker.write((writer) => writer.result(2, 7));
    expect(broken.told).toEqual([['error', 'DECODE_FAILED']]);
    expect(fine.told).toEqual([['result', 7]]);
    expect(peer.state).toBe('open');
  });

  it('hears progress only when it asked for it', async () => {
    const { peer, worker } = greet();
    const sink = recorder(true);
    const id = peer.call('add', [], {}, sink);
    await flushed();
    expect(worker.heard(Kind.Call)[0]?.wantsProgress).toBe(true);
    worker.write((writer) => {
      writer.progress(id, 0.5);
      writer.result(id, 1);
      writer.progress(id, 0.9);
    });
    expect(sink.told).toEqual([
      ['progress', 0.5],
      ['result', 1],
    ]);
  });

  it('cancelled is still answered, once; a second answer is late and dropped', async () => {
    const { peer, worker } = greet();
    const sink = recorder();
    const id = peer.call('add', [], {}, sink);
    peer.cancel(id);
    await flushed();
    expect(worker.heard(Kind.Cancel)).toEqual([{ kind: 9, id: 1 }]);
    worker.write((writer) => {
      writer.result(id, 'was faster');
      writer.result(id, 'late');
      writer.error(id, new Error('later still'));
    });
    expect(sink.told).toEqual([['result', 'was faster']]);
    expect(peer.state).toBe('open');
    peer.cancel(id);
    await flushed();
    expect(worker.heard(Kind.Cancel)).toHaveLength(1);
  });
});

describe('A stream', () => {
  it('passes items on, sends credit, and ends once', async () => {
    const { peer, worker } = greet();
    const sink = recorder();
    const id = peer.open('ticks', ['ACME'], {}, 3, sink);
    worker.write((writer) => writer.items(id, [1, 2, 3]));
    peer.grant(id, 2);
    await flushed();
    expect(worker.heard(Kind.Open)[0]).toMatchObject({ method: 'ticks', credit: 3 });
    expect(worker.heard(Kind.Credit)).toEqual([{ kind: 8, id: 1, items: 2 }]);
    worker.write((writer) => {
      writer.items(id, [4, 5]);
      writer.end(id);
      writer.items(id, [6]);
    });
    expect(sink.told).toEqual([['items', [1, 2, 3]], ['items', [4, 5]], ['end']]);
    peer.grant(id, 1);
    await flushed();
    expect(worker.heard(Kind.Credit)).toHaveLength(1);
  });

  it('fails alone when items do not decode, and is cancelled', async () => {
    const { peer, worker } = greet();
    const sink = recorder();
    peer.open('ticks', [], {}, 9, sink);
    worker.writePayload(Kind.Items, 0, 1, 0, 0, 0, 0, 0, 0x91, 0xc1);
    worker.write((writer) => writer.items(1, ['late']));
    expect(sink.told).toEqual([['error', 'DECODE_FAILED']]);
    await flushed();
    expect(worker.heard(Kind.Cancel)).toHaveLength(1);
    expect(peer.state).toBe('open');
  });
});

describe('A worker that breaks the protocol is told so, and everything pending is lost', () => {
  const misuses: [string, (worker: FakeWorker) => void][] = [
    ['answers an id never issued', (worker) => worker.write((w) => w.result(99, 1))],
    ['ends a call like a stream', (worker) => worker.write((w) => w.end(1))],
    ['sends items for a call', (worker) => worker.write((w) => w.items(1, [1]))],
    ['sends a result for a stream', (worker) => worker.write((w) => w.result(2, 1))],
    [
      'sends more items than it has credit for',
      (worker) => worker.write((w) => w.items(2, [1, 2])),
    ],
    ['reports progress of nothing', (worker) => worker.write((w) => w.progress(99, 1))],
    ['greets twice', (worker) => worker.hello()],
    ['drains the client', (worker) => worker.write((w) => w.drain())],
    ['sends an unknown kind', (worker) => worker.writePayload(77, 0, 0, 0, 0, 0, 0, 0)],
    [
      'sets an undefined flag',
      (worker) => worker.writePayload(Kind.Result, 4, 1, 0, 0, 0, 0, 0, 1),
    ],
    ['sends a header cut short', (worker) => worker.writePayload(3, 0, 1)],
    [
      'calls with an id used before',
      (worker) =>
        worker.write((w) => {
          w.request(5, 'f', [], {});
          w.request(5, 'f', [], {});
        }),
    ],
    ['grants credit to what never was', (worker) => worker.write((w) => w.credit(3, 1))],
  ];

  it.each(misuses)('when it %s', async (_, misuse) => {
    const closed: string[] = [];
    const { peer, worker } = greet({ onClosed: ({ code }) => closed.push(code) });
    const [call, stream] = [recorder(), recorder()];
    peer.call('add', [], {}, call);
    peer.open('ticks', [], {}, 1, stream);
    misuse(worker);
    expect(call.told).toEqual([['lost', 'PROTOCOL_ERROR']]);
    expect(stream.told).toEqual([['lost', 'PROTOCOL_ERROR']]);
    expect(closed).toEqual(['PROTOCOL_ERROR']);
    expect(worker.transport.ended).toBe(true);
    expect(await failureTold(worker)).toBe('PROTOCOL_ERROR');
  });

  it('when a frame claims more than the limit, before anything is allocated', async () => {
    const { peer, worker } = greet();
    worker.transport.receiver.onBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    expect(peer.state).toBe('closed');
    expect(await failureTold(worker)).toBe('FRAME_TOO_LARGE');
  });
});

describe('A connection', () => {
  it('ignores kinds from 128 on', () => {
    const { peer, worker } = greet();
    worker.writePayload(200, 7, 1, 0, 0, 0, 0, 0, 1, 2, 3);
    expect(peer.state).toBe('open');
  });

  it('answers a ping with its value', async () => {
    const { worker } = greet();
    worker.write((writer) => writer.ping({ t: 1 }));
    await flushed();
    expect(worker.heard(Kind.Pong)).toEqual([{ kind: 13, value: { t: 1 } }]);
  });

  it('answers a call of the worker: there are no methods here', async () => {
    const { worker } = greet();
    worker.write((writer) => writer.request(1, 'callback', [], {}));
    await flushed();
    expect(worker.heard(Kind.Error)[0]).toMatchObject({
      id: 1,
      error: { code: 'METHOD_NOT_FOUND' },
    });
  });

  it('passes log records on', () => {
    const logs: unknown[] = [];
    const { worker } = greet({ onLog: (log) => logs.push(log) });
    worker.write((writer) => writer.log(0, { level: 'INFO', message: 'hi' }));
    expect(logs).toEqual([{ id: 0, record: { level: 'INFO', message: 'hi' } }]);
  });

  it('lost tells every pending call exactly once, in order', () => {
    const order: number[] = [];
    const { peer, worker } = greet();
    const sinks = [1, 2, 3].map((n) => ({ ...recorder(), onLost: () => order.push(n) }));
    peer.call('add', [], {}, sinks[0] as CallSink);
    peer.open('ticks', [], {}, 1, sinks[1] as StreamSink);
    peer.call('add', [], {}, sinks[2] as CallSink);
    worker.transport.receiver.onClose();
    worker.transport.receiver.onClose();
    worker.transport.receiver.onBytes(Uint8Array.of(1, 0, 0, 0, 0));
    peer.close();
    expect(order).toEqual([1, 2, 3]);
    expect(() => peer.call('add', [], {}, recorder())).toThrow('closed');
  });

  it('lost in the middle of a frame says so', () => {
    const { peer, worker } = greet();
    const sink = recorder();
    peer.call('add', [], {}, sink);
    worker.transport.receiver.onBytes(Uint8Array.of(9, 0, 0, 0, 3));
    worker.transport.receiver.onClose();
    expect(sink.told).toEqual([['lost', 'FRAME_TRUNCATED']]);
  });

  it('draining takes no new calls and finishes old ones', async () => {
    const { peer, worker } = greet();
    const sink = recorder();
    const id = peer.call('add', [], {}, sink);
    peer.drain();
    await flushed();
    expect(worker.heard(Kind.Drain)).toHaveLength(1);
    expect(() => peer.call('add', [], {}, recorder())).toThrow('draining');
    worker.write((writer) => writer.result(id, 'done'));
    expect(sink.told).toEqual([['result', 'done']]);
  });

  it('writes what one turn produced together, and of a burst the first sixteen while it encodes the rest', async () => {
    const chunks: number[] = [];
    const { peer, worker } = greet();
    await flushed();
    const { send } = worker.transport;
    worker.transport.send = (bytes, done) => {
      chunks.push(bytes.byteLength);
      send.call(worker.transport, bytes, done);
    };
    for (let n = 0; n < 15; n++) peer.call('add', [n], {}, recorder());
    expect(chunks).toEqual([]);
    await flushed();
    expect(chunks).toHaveLength(1);

    for (let n = 0; n < 16; n++) peer.call('add', [n], {}, recorder());
    expect(chunks).toHaveLength(2);
    for (let n = 0; n < 9; n++) peer.call('add', [n], {}, recorder());
    expect(chunks).toHaveLength(2);
    await flushed();
    expect(chunks).toHaveLength(3);
    expect(worker.heard(Kind.Call)).toHaveLength(40);
  });
});

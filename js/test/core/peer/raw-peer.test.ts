import { describe, expect, it } from '@jest/globals';
import { RawPeer } from '../../../src/core/peer/raw-peer.js';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import { encodeFrame } from '../../../src/core/protocol/frames.js';
import { MemoryTransport } from '../memory-transport.js';

type Told = [what: string, value?: unknown];

function rawPair(): {
  peer: RawPeer;
  transport: MemoryTransport;
  sent: Uint8Array[];
  told: Told[];
} {
  const sent: Uint8Array[] = [];
  const told: Told[] = [];
  const transport = new MemoryTransport((bytes) => sent.push(bytes));
  const peer = new RawPeer(transport, {
    onDrain: () => told.push(['drain']),
    onPartialFrame: () => told.push(['partial']),
    onClosed: ({ code }) => told.push(['closed', code]),
  });
  return { peer, transport, sent, told };
}

const sinkFor = (told: Told[]) => ({
  onResult: (value: unknown) => told.push(['result', value]),
  onError: ({ code }: { code: string }) => told.push(['error', code]),
  onLost: ({ code }: { code: string }) => told.push(['lost', code]),
});

describe('A raw connection', () => {
  it('sends a length and a value, and takes the next frame for the reply', () => {
    const { peer, transport, sent, told } = rawPair();
    peer.request({ foo: 'bar', gone: undefined }, sinkFor(told));
    const frame = sent[0] as Uint8Array;
    expect(frame[0]).toBe(frame.length - 4);
    expect(decodeValue(frame.subarray(4))).toEqual({ foo: 'bar', gone: null });
    expect(peer.busy).toBe(true);
    for (const byte of encodeFrame(encodeValue([1, 2])))
      transport.receiver.onBytes(Uint8Array.of(byte));
    expect(told.filter(([what]) => what !== 'partial')).toEqual([['result', [1, 2]], ['drain']]);
    expect(peer.busy).toBe(false);
  });

  it('knows where in everything sent its request starts', () => {
    const { peer, transport, told } = rawPair();
    peer.request(1, sinkFor(told));
    expect(peer.requestStart).toBe(0);
    transport.receiver.onBytes(encodeFrame(encodeValue(1)));
    peer.request(2, sinkFor(told));
    expect(peer.requestStart).toBe(5);
  });

  it('that cannot encode an input sends nothing and takes the next', () => {
    const { peer, sent, told } = rawPair();
    expect(() => peer.request({ f: () => 1 }, sinkFor(told))).toThrow(/\$\.f/);
    peer.request(1, sinkFor(told));
    expect(sent).toHaveLength(1);
  });

  it('tells of a reply that has come in part, and how much of it', () => {
    const { peer, transport, told } = rawPair();
    peer.request(1, sinkFor(told));
    const frame = encodeFrame(encodeValue('in parts'));
    transport.receiver.onBytes(frame.subarray(0, 2));
    transport.receiver.onBytes(frame.subarray(2, 7));
    expect(told).toEqual([['partial'], ['partial']]);
    expect([peer.receivedBytes, peer.unfinishedBytes]).toEqual([7, 7]);
    transport.receiver.onBytes(frame.subarray(7));
    expect(told.slice(2)).toEqual([['result', 'in parts'], ['drain']]);
    expect([peer.receivedBytes, peer.unfinishedBytes]).toEqual([frame.length, 0]);
  });

  it('fails one call whose reply does not decode', () => {
    const { peer, transport, told } = rawPair();
    peer.request(1, sinkFor(told));
    transport.receiver.onBytes(encodeFrame(Uint8Array.of(0xc1)));
    peer.request(2, sinkFor(told));
    transport.receiver.onBytes(encodeFrame(encodeValue('fine')));
    expect(told).toEqual([['error', 'DECODE_FAILED'], ['drain'], ['result', 'fine'], ['drain']]);
  });

  const nothingElse = ['closed', 'PROTOCOL_ERROR'];

  it('ends with a message that nobody asked for', () => {
    const { transport, told } = rawPair();
    transport.receiver.onBytes(encodeFrame(encodeValue('?')));
    expect(told).toEqual([nothingElse]);
  });

  it('ends with a second reply, and answers no later request with it', () => {
    const { peer, transport, told } = rawPair();
    const next = sinkFor(told);
    peer.request(1, {
      ...next,
      onResult: (value) => {
        next.onResult(value);
        expect(peer.busy).toBe(true);
        expect(() => peer.request(2, next)).toThrow(/one request at a time/);
      },
    });
    transport.receiver.onBytes(
      Buffer.concat([encodeFrame(encodeValue('one')), encodeFrame(encodeValue('again'))]),
    );
    expect(told).toEqual([['result', 'one'], nothingElse]);
  });

  it('ends with the beginning of a second reply', () => {
    const { peer, transport, told } = rawPair();
    peer.request(1, sinkFor(told));
    transport.receiver.onBytes(
      Buffer.concat([encodeFrame(encodeValue('one')), encodeFrame(encodeValue(2)).subarray(0, 2)]),
    );
    expect(told).toEqual([['result', 'one'], nothingElse]);
  });

  it('ends when a length is beyond the limit', () => {
    const { peer, transport, told } = rawPair();
    peer.request(1, sinkFor(told));
    transport.receiver.onBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    expect(told).toEqual([
      ['lost', 'FRAME_TOO_LARGE'],
      ['closed', 'FRAME_TOO_LARGE'],
    ]);
  });
});

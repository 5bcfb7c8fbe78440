// Frames against the shared vectors, cut at every byte, and in linear time.
import { expect, test } from '@jest/globals';
import { FrameError } from '../../../src/core/protocol/errors.js';
import { encodeFrame, FrameDecoder } from '../../../src/core/protocol/frames.js';
import { cases, hex, thrownBy, toBytes, type Vector } from './vectors.js';

const accepted = cases('frames.json', 'accepted');
const refused = cases('frames.json', 'refused');

function payloadsOf({ payloads }: Vector): string[] {
  return Array.isArray(payloads)
    ? payloads.map((payload) => hex(toBytes(payload)))
    : Array(payloads.times).fill(payloads.repeat);
}

const decoderOf = (vector: Vector) => new FrameDecoder(vector.max_frame_bytes);

/** Feeds chunks out of one buffer that is overwritten between them, as transports do. */
function feedIn(decoder: FrameDecoder, chunks: Uint8Array[], taken: string[] = []): string[] {
  const kept: Uint8Array[] = [];
  const reused = new Uint8Array(Math.max(1, ...chunks.map((chunk) => chunk.length)));
  for (const chunk of chunks) {
    reused.fill(0xee);
    reused.set(chunk);
    decoder.feed(reused.subarray(0, chunk.length), (payload, owned) => {
      taken.push(hex(payload));
      if (owned) kept.push(payload);
    });
  }
  for (const payload of kept) expect(taken).toContain(hex(payload));
  return taken;
}

function split(stream: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(stream.length / size);
  return Array.from({ length: count }, (_, at) => stream.subarray(at * size, (at + 1) * size));
}

test.each(accepted)('a stream cut at any byte gives the same payloads: $name', (vector) => {
  const stream = toBytes(vector.stream);
  for (let cut = 0; cut <= stream.length; cut++) {
    const decoder = decoderOf(vector);
    const chunks = [stream.subarray(0, cut), stream.subarray(cut)];
    expect(feedIn(decoder, chunks)).toEqual(payloadsOf(vector));
    decoder.end();
    expect(decoder.bufferedBytes).toBe(0);
  }
});

test.each(accepted)('a stream in small chunks gives the same payloads: $name', (vector) => {
  for (const size of [1, 2, 3, 5, 7]) {
    const decoder = decoderOf(vector);
    expect(feedIn(decoder, split(toBytes(vector.stream), size))).toEqual(payloadsOf(vector));
    decoder.end();
  }
});

test.each(refused)('a broken stream is refused where it breaks: $name', (vector) => {
  const stream = toBytes(vector.stream);
  for (const size of [1, stream.length]) {
    const decoder = decoderOf(vector);
    const taken: string[] = [];
    const error = thrownBy(() => {
      feedIn(decoder, split(stream, size), taken);
      decoder.end();
    });
    expect(error).toBeInstanceOf(FrameError);
    expect(error.code).toBe(vector.error);
    expect(taken).toEqual(payloadsOf(vector));
  }
});

test.each(accepted)('payloads become the stream again: $name', (vector) => {
  const frames = payloadsOf(vector).map((payload) => hex(encodeFrame(toBytes(payload))));
  expect(frames.join('')).toBe(hex(toBytes(vector.stream)));
});

test('a payload above the limit is not sent', () => {
  expect(hex(encodeFrame(new Uint8Array(5), 5))).toBe('050000000000000000');
  const error = thrownBy(() => encodeFrame(new Uint8Array(6), 5));
  expect([error.name, error.code]).toEqual(['FrameError', 'FRAME_TOO_LARGE']);
  expect(error.details).toEqual({ size: 6, limit: 5 });
});

test('bytes of an unfinished frame are counted', () => {
  const decoder = new FrameDecoder();
  const counts = [...toBytes('03000000aabbcc')].map((byte) => {
    decoder.feed(Uint8Array.of(byte), () => undefined);
    return decoder.bufferedBytes;
  });
  expect(counts).toEqual([1, 2, 3, 4, 5, 6, 0]);
});

test('a whole payload is a view on the chunk, a collected one is its own', () => {
  const decoder = new FrameDecoder();
  const chunk = toBytes('01000000aa02000000bb');
  const seen: [Uint8Array, boolean][] = [];
  const remember = (payload: Uint8Array, owned: boolean) => seen.push([payload, owned]);
  decoder.feed(chunk, remember);
  decoder.feed(toBytes('cc'), remember);
  expect(seen.map(([payload, owned]) => [hex(payload), owned])).toEqual([
    ['aa', false],
    ['bbcc', true],
  ]);
  expect(seen[0]![0].buffer).toBe(chunk.buffer);
  expect(seen[1]![0].buffer.byteLength).toBe(2);
});

test('64 MiB in small chunks take linear time', () => {
  const size = 64 << 20;
  const chunk = new Uint8Array(65_536);
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, size, true);
  const decoder = new FrameDecoder();
  const lengths: number[] = [];
  const started = performance.now();
  decoder.feed(head, () => undefined);
  for (let fed = 0; fed < size; fed += chunk.length) {
    decoder.feed(chunk, (payload) => lengths.push(payload.length));
  }
  expect(lengths).toEqual([size]);
  // About 0.05 s here; joining the chunks one by one would move 32 GiB.
  expect(performance.now() - started).toBeLessThan(2000);
});

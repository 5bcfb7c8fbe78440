// Segments in shared memory against the shared vectors: frames cut at every byte, and what is put there for others.
import { describe, expect, it, test } from '@jest/globals';
import * as limits from '../../../src/core/protocol/limits.js';
import { SegmentedDecoder } from '../../../src/core/protocol/segmented-decoder.js';
import { segmentRooms } from '../../../src/core/protocol/segments.js';
import { markAsShared, piecesOf, sharedEnd } from '../../../src/core/protocol/shared-segments.js';
import { MemorySource } from '../shared-memory.js';
import { type Bytes, hex, load, thrownBy, toBytes } from './vectors.js';

interface Vector {
  name: string;
  stream: Bytes;
  memory: Bytes;
  max_frame_bytes?: number;
  frames: { payload: string; segments?: Bytes[] }[];
  error: string;
}

const { shared, shared_refused: refused } = load<Vector>('segments.json');
const MIB = 1024 * 1024;
const named = (title: string) => `${title}: $name`;
const allocate = (bytes: number) => new Uint8Array(bytes).fill(0xdd);
const decoderOf = (source: MemorySource, maxFrameBytes = 2 ** 29) =>
  new SegmentedDecoder(maxFrameBytes, segmentRooms(allocate, source));
const sourceOf = ({ memory }: Vector) => new MemorySource(toBytes(memory));

/** Feeds chunks and waits for the segments of each payload. */
async function feedIn(decoder: SegmentedDecoder, chunks: Uint8Array[]) {
  const taken: Promise<{ payload: string; segments: string[] }>[] = [];
  for (const chunk of chunks) {
    decoder.feed(chunk, (payload, _owned, segments) => {
      const text = hex(payload);
      const arrived = segments?.arrival?.end() ?? Promise.resolve();
      taken.push(arrived.then(() => ({ payload: text, segments: [...(segments ?? [])].map(hex) })));
    });
  }
  return Promise.all(taken);
}

test.each(shared!)(named('a stream cut at any byte gives the same frames'), async (vector) => {
  const stream = toBytes(vector.stream);
  const expected = vector.frames.map(({ payload, segments = [] }) => ({
    payload,
    segments: segments.map((segment) => hex(toBytes(segment))),
  }));
  for (let cut = 0; cut <= stream.length; cut++) {
    const source = sourceOf(vector);
    const decoder = decoderOf(source);
    const frames = await feedIn(decoder, [stream.subarray(0, cut), stream.subarray(cut)]);
    expect(frames).toEqual(expected);
    expect(source.releases).toBe(1);
    decoder.end();
  }
});

test.each(refused!)(named('what cannot be is refused at every cut'), (vector) => {
  const stream = toBytes(vector.stream);
  for (let cut = 0; cut <= stream.length; cut++) {
    const decoder = decoderOf(sourceOf(vector), vector.max_frame_bytes);
    const error = thrownBy(() => {
      for (const chunk of [stream.subarray(0, cut), stream.subarray(cut)]) {
        decoder.feed(chunk, () => undefined);
      }
      decoder.end();
    });
    expect(error.code).toBe(vector.error);
  }
});

test('without the memory such frames are refused', () => {
  const decoder = new SegmentedDecoder(2 ** 29, segmentRooms(allocate));
  const error = thrownBy(() =>
    decoder.feed(toBytes('01000080050100008001000000'), () => undefined),
  );
  expect(error).toMatchObject({ code: 'PROTOCOL_ERROR' });
  expect(error.message).toContain('on a channel without any');
});

describe('A segment that the threads do not take in time', () => {
  it('is taken in turns, to memory that no late thread writes to', async () => {
    const size = 3 * MIB + 5;
    const source = new MemorySource(new Uint8Array(size).fill(7));
    const { go } = source.hold();
    source.isBusy = true;
    const decoder = decoderOf(source);
    const head = new Uint8Array(17);
    const numbers = [1 + 2 ** 31, 1 + 2 ** 31, size, size];
    [0, 5, 9, 13].forEach((at, n) => {
      new DataView(head.buffer).setUint32(at, numbers[n]!, true);
    });
    let segment: Uint8Array | undefined;
    let late: Uint8Array | undefined;
    let arrived: Promise<void> | undefined;
    decoder.feed(head, (_payload, _owned, segments) => {
      late = segments![0];
      arrived = segments!.arrival!.end().then(() => {
        segment = segments![0];
      });
    });
    await arrived;
    go();
    await new Promise((resolve) => setImmediate(resolve));
    expect([late![0], segment![0], segment!.every((byte) => byte === 7)]).toEqual([0xee, 7, true]);
    expect([source.turns, source.releases]).toEqual([4, 1]);
  });
});

describe('Pieces', () => {
  it.each([[[8 * MIB]], [[9 * MIB + 1, 0, 70_001, 3]], [[4 * MIB - 1, 4 * MIB + 1]]])(
    'of segments of %j are what the other end takes',
    async (sizes) => {
      const segments = sizes.map((size, n) => Buffer.alloc(size, `segment ${n} `));
      const end = sharedEnd(segments)!;
      const source = new MemorySource(new Uint8Array(end - 4096));
      const frame = new Uint8Array(4 + 1 + 4 + 4 * sizes.length);
      const view = new DataView(frame.buffer);
      view.setUint32(0, 1 + 2 ** 31, true);
      view.setUint32(5, sizes.length, true);
      sizes.forEach((size, n) => {
        view.setUint32(9 + 4 * n, size, true);
      });
      markAsShared(frame, sizes.length);
      const chunks = [frame];
      for (const { bytes, at, number } of piecesOf(segments)) {
        source.put(bytes, at);
        chunks.push(Uint8Array.from(number));
      }
      const decoder = decoderOf(source);
      const taken: boolean[] = [];
      for (const chunk of chunks) {
        decoder.feed(chunk, (_payload, _owned, arrived) => {
          arrived!.arrival!.endNow();
          taken.push(...segments.map((segment, n) => segment.equals(arrived![n]!)));
        });
      }
      expect(taken).toEqual(sizes.map(() => true));
    },
  );

  it('are not made of what is too small or too large together', () => {
    const half = new Uint8Array(limits.minSharedBytes / 2);
    const large = { length: limits.maxSharedBytes } as Uint8Array;
    expect(sharedEnd([half, half.subarray(1)])).toBeUndefined();
    expect(sharedEnd([half, half])).toBe(4096 + limits.minSharedBytes);
    expect(sharedEnd([large])).toBe(4096 + limits.maxSharedBytes);
    expect(sharedEnd([large, half.subarray(0, 1)])).toBeUndefined();
  });
});

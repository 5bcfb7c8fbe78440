// Segments against the shared vectors: frames cut at every byte, values, and what is lent.
import { describe, expect, it, test } from '@jest/globals';
import { ALL_EXTENSIONS } from '../../../src/core/protocol/codec/all-extensions.js';
import { decodeFrom, withSegments } from '../../../src/core/protocol/codec/decode.js';
import { NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { OutgoingSegments } from '../../../src/core/protocol/codec/segment-references.js';
import { ValueWriter } from '../../../src/core/protocol/codec/value-writer.js';
import { DecodeError, ProtocolError } from '../../../src/core/protocol/errors.js';
import { FrameDecoder } from '../../../src/core/protocol/frames.js';
import { AnswerWriter, decodeMessage, Kind } from '../../../src/core/protocol/messages.js';
import { SegmentedDecoder } from '../../../src/core/protocol/segmented-decoder.js';
import { segmentRooms } from '../../../src/core/protocol/segments.js';
import { type Bytes, cases, hex, load, same, thrownBy, toBytes, toValue } from './vectors.js';

interface FrameVector {
  name: string;
  stream: Bytes;
  max_frame_bytes?: number;
  frames: { payload: string; segments?: Bytes[] }[];
  error: string;
}

interface ValueVector {
  name: string;
  value: unknown;
  bytes: Bytes;
  segments: Bytes[];
  encode?: false;
}

type Frame = { payload: string; segments: string[] };

const { frames, refused } = load<FrameVector>('segments.json');
const { values, rejects } = load<ValueVector>('segments.json');
const LARGE = 65_536;

/** Memory as it may come: not zeroed. */
const allocate = (bytes: number) => new Uint8Array(bytes).fill(0xdd);
const decoderOf = (vector: FrameVector) =>
  new SegmentedDecoder(vector.max_frame_bytes ?? 2 ** 29, segmentRooms(allocate));
const named = (title: string) => `${title}: $name`;

/** Feeds chunks out of one buffer that is overwritten between them, as transports do. */
function feedIn(decoder: FrameDecoder, chunks: Uint8Array[]): Frame[] {
  const taken: Frame[] = [];
  const reused = new Uint8Array(Math.max(1, ...chunks.map((chunk) => chunk.length)));
  for (const chunk of chunks) {
    reused.set(chunk);
    decoder.feed(reused.subarray(0, chunk.length), (payload, _owned, segments = []) => {
      taken.push({ payload: hex(payload), segments: segments.map(hex) });
    });
  }
  return taken;
}

const framesOf = (vector: FrameVector): Frame[] =>
  vector.frames.map(({ payload, segments = [] }) => ({
    payload,
    segments: segments.map((segment) => hex(toBytes(segment))),
  }));

const owned = (notation: Bytes): Uint8Array<ArrayBuffer> => Uint8Array.from(toBytes(notation));

const decode = ({ bytes, segments }: ValueVector): unknown =>
  withSegments(segments.map(owned), () => decodeFrom(toBytes(bytes), 0, 128));

test.each(frames!)(named('a stream cut at any byte gives the same frames'), (vector) => {
  const stream = toBytes(vector.stream);
  for (let cut = 0; cut <= stream.length; cut++) {
    const decoder = decoderOf(vector);
    const chunks = [stream.subarray(0, cut), stream.subarray(cut)];
    expect(feedIn(decoder, chunks)).toEqual(framesOf(vector));
    decoder.end();
  }
});

test.each(frames!)(named('a stream byte by byte gives the same frames'), (vector) => {
  const chunks = [...toBytes(vector.stream)].map((byte) => Uint8Array.of(byte));
  expect(feedIn(decoderOf(vector), chunks)).toEqual(framesOf(vector));
});

test.each(refused!)(named('a broken frame with segments is refused'), (vector) => {
  const stream = toBytes(vector.stream);
  for (const size of [1, stream.length]) {
    const decoder = decoderOf(vector);
    const error = thrownBy(() => {
      for (let at = 0; at < stream.length; at += size) {
        feedIn(decoder, [stream.subarray(at, at + size)]);
      }
      decoder.end();
    });
    expect(error.code).toBe(vector.error);
  }
});

test('an end that was not told of segments takes none', () => {
  const stream = toBytes('010000800101000000');
  const error = thrownBy(() => feedIn(new FrameDecoder(), [stream]));
  expect(error.code).toBe('FRAME_TOO_LARGE');
});

test('what has come of a frame is counted over all its parts', () => {
  const stream = toBytes('02000080010202000000030000000500000000000000aabbccdd');
  for (let cut = 1; cut < stream.length; cut++) {
    const decoder = new SegmentedDecoder(2 ** 29, segmentRooms(allocate));
    feedIn(
      decoder,
      [...stream.subarray(0, cut)].map((byte) => Uint8Array.of(byte)),
    );
    expect(decoder.bufferedBytes).toBe(cut);
    const truncated = thrownBy(() => decoder.end());
    expect(truncated.details).toEqual({ received: cut });
    if (cut > 20) expect(truncated.message).toContain(`${cut} bytes of at least `);
    expect(feedIn(decoder, [stream.subarray(cut)])).toHaveLength(1);
    expect(decoder.bufferedBytes).toBe(0);
  }
});

test('what was read into the vacancy stays where it is', () => {
  const stream = toBytes('02000080010202000000030000000500000000000000aabbccdd');
  for (const most of [1, 2, 100]) {
    const decoder = new SegmentedDecoder(2 ** 29, segmentRooms(allocate));
    const taken: Frame[] = [];
    let rooms = 0;
    for (let at = 0; at < stream.length; ) {
      const room = decoder.vacancy?.subarray(0, most) ?? new Uint8Array(5);
      rooms += decoder.vacancy === undefined ? 0 : 1;
      const chunk = room.subarray(0, Math.min(room.length, stream.length - at));
      chunk.set(stream.subarray(at, at + chunk.length));
      at += chunk.length;
      decoder.feed(chunk, (payload, _owned, segments = []) => {
        taken.push({ payload: hex(payload), segments: segments.map(hex) });
      });
    }
    expect(taken).toEqual([{ payload: '0102', segments: ['000000', '00aabbccdd'] }]);
    expect(rooms).toBeGreaterThan(2);
    expect(decoder.vacancy).toBeUndefined();
    expect(decoder.bufferedBytes).toBe(0);
  }
});

test('lengths that are refused make no room', () => {
  let asked = 0;
  const rooms = segmentRooms((bytes) => {
    asked += bytes;
    return new Uint8Array(bytes);
  });
  const decoder = new SegmentedDecoder(2 ** 29, rooms);
  const stream = toBytes('01000080050200000000000040ffffff7f');
  expect(thrownBy(() => feedIn(decoder, [stream])).code).toBe('FRAME_TOO_LARGE');
  expect(asked).toBe(0);
});

test.each(values!.filter(({ encode }) => encode !== false))(
  named('a value with large buffers encodes to references'),
  (vector) => {
    const writer = new ValueWriter(new Uint8Array(16), 2 ** 29, {
      extensions: ALL_EXTENSIONS,
    });
    writer.segments = new OutgoingSegments();
    writer.value(toValue(vector.value), '$');
    expect(hex(writer.bytes.subarray(0, writer.position))).toBe(hex(toBytes(vector.bytes)));
    expect(writer.segments.take().map(hex)).toEqual(
      vector.segments.map((segment) => hex(toBytes(segment))),
    );
  },
);

test.each(values!)(named('references decode to the value'), (vector) => {
  expect(same(decode(vector), toValue(vector.value))).toBe(true);
});

test.each(rejects!)(named('references that do not fit their segments are refused'), (vector) => {
  expect(thrownBy(() => decode(vector))).toBeInstanceOf(DecodeError);
});

test('a segment is no segment any more once its value has been decoded', () => {
  const [vector] = values!;
  decode(vector!);
  expect(thrownBy(() => decodeFrom(toBytes(vector!.bytes), 0, 128))).toBeInstanceOf(DecodeError);
});

test('the vectors of values are those that both wings read', () => {
  expect(cases('segments.json', 'values').length).toBe(values!.length);
});

describe('A writer whose other end reads segments', () => {
  function newWriter(maxFrameBytes = 2 ** 29): AnswerWriter {
    const writer = new AnswerWriter({ maxFrameBytes, extensions: ALL_EXTENSIONS });
    writer.sendSegments(new OutgoingSegments());
    return writer;
  }

  it('lends large buffers as they are, and copies small ones', () => {
    const writer = newWriter();
    const backing = new Float64Array(20_000);
    const part = new Uint8Array(backing.buffer, 8, LARGE);
    writer.request(1, 'm', [part, new Uint8Array(9), new NdArray(backing)], {});
    expect(writer.holdsSegments).toBe(true);
    expect(writer.pendingBytes).toBeLessThan(100);
    const [first, second] = writer.takeSegments();
    expect(first).toBe(part);
    expect(second!.buffer).toBe(backing.buffer);
    expect(writer.holdsSegments).toBe(false);
  });

  it.each([
    ['shared memory', new Uint8Array(new SharedArrayBuffer(LARGE))],
    [
      'memory that can be resized',
      new Uint8Array(Reflect.construct(ArrayBuffer, [LARGE, { maxByteLength: 2 * LARGE }])),
    ],
  ])('copies %s, which may change or go meanwhile', (_what, bytes) => {
    const writer = newWriter();
    writer.result(1, bytes);
    expect(writer.holdsSegments).toBe(false);
    expect(writer.pendingBytes).toBeGreaterThan(LARGE);
  });

  it('leaves no segment of a message that was given up', () => {
    const writer = newWriter();
    const error = thrownBy(() => writer.request(1, 'm', [new Uint8Array(LARGE), Symbol('x')], {}));
    expect(error.code).toBe('ENCODE_FAILED');
    expect(writer.holdsSegments).toBe(false);
    expect(writer.pendingBytes).toBe(0);
    writer.result(2, new Uint8Array(LARGE));
    expect(writer.takeSegments()).toHaveLength(1);
  });

  it('refuses segments that are too large together', () => {
    const writer = newWriter(LARGE / 4);
    writer.result(1, new Uint8Array(LARGE));
    writer.take();
    writer.takeSegments();
    const error = thrownBy(() => writer.result(2, new Uint8Array(LARGE + 1)));
    expect(error.code).toBe('FRAME_TOO_LARGE');
    expect(writer.pendingBytes).toBe(0);
  });

  it('writes what the other end reads', () => {
    const writer = newWriter();
    const bytes = Uint8Array.from({ length: LARGE }, (_, at) => at);
    writer.timedResult(7, 5, { bytes, numbers: new Int32Array(LARGE).fill(-3) });
    const chunks = [writer.take(), ...writer.takeSegments()];
    const messages: unknown[] = [];
    const decoder = new SegmentedDecoder(2 ** 29, segmentRooms(allocate));
    for (const chunk of chunks) {
      decoder.feed(chunk, (payload, _owned, segments) =>
        messages.push(decodeMessage(payload, segments)),
      );
    }
    expect(messages).toHaveLength(1);
    const message = messages[0] as { value: { bytes: Uint8Array; numbers: NdArray } };
    expect(message).toMatchObject({ kind: Kind.Result, id: 7, runNs: 5 });
    expect(hex(message.value.bytes)).toBe(hex(bytes));
    expect(message.value.numbers.dtype).toBe('int32');
    expect(message.value.numbers.data.every((number) => number === -3)).toBe(true);
  });
});

test('segments behind a message without a body break the protocol', () => {
  const end = Uint8Array.of(Kind.End, 0, 1, 0, 0, 0, 0, 0);
  expect(thrownBy(() => decodeMessage(end, [new Uint8Array(1)]))).toBeInstanceOf(ProtocolError);
});

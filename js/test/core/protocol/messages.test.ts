// Messages against the shared vectors: layout, rules of the header, shapes of the bodies.
import { describe, expect, test } from '@jest/globals';
import { ALL_EXTENSIONS } from '../../../src/core/protocol/codec/all-extensions.js';
import { CallbackReference, StreamReference } from '../../../src/core/protocol/codec/references.js';
import { isStreamable, isStreamableLiteral } from '../../../src/core/protocol/codec/streamable.js';
import { PythonError, SynapseError } from '../../../src/core/protocol/errors.js';
import { FrameDecoder } from '../../../src/core/protocol/frames.js';
import {
  AnswerWriter,
  decodeMessage,
  Kind,
  type Message,
  type RequestExtras,
} from '../../../src/core/protocol/messages.js';
import { cases, hex, load, same, thrownBy, toBytes } from './vectors.js';

// biome-ignore lint/suspicious/noExplicitAny: what a message holds is what the tests are about
type Wire = any;

const WRITE: Record<string, (writer: AnswerWriter, message: Wire) => void> = {
  HELLO: (w, m) => w.hello(m.body),
  CALL: (w, m) => w.request(m.id, m.method, m.args, m.kwargs, undefined, extrasOf(m)),
  OPEN: (w, m) => w.request(m.id, m.method, m.args, m.kwargs, m.credit, extrasOf(m)),
  RESULT: (w, m) =>
    m.run_ns === undefined ? w.result(m.id, m.value) : w.timedResult(m.id, m.run_ns, m.value),
  ERROR: (w, m) => w.error(m.id, errorOf(m.error)),
  ITEMS: (w, m) => w.items(m.id, m.items),
  END: (w, m) => w.end(m.id),
  CREDIT: (w, m) => w.credit(m.id, m.items),
  CANCEL: (w, m) => w.cancel(m.id),
  PROGRESS: (w, m) => w.progress(m.id, m.value),
  LOG: (w, m) => w.log(m.id, m.record),
  PING: (w, m) => w.ping(m.value),
  PONG: (w, m) => w.pong(m.value),
  DRAIN: (w) => w.drain(),
  FAIL: (w, m) => w.fail(errorOf(m.error)),
};

function extrasOf({ wants_progress, wants_timing, meta }: Wire): RequestExtras {
  return { onProgress: wants_progress || undefined, wantsTiming: wants_timing, meta };
}

const write = (writer: AnswerWriter, message: Wire) => WRITE[message.kind]!(writer, message);

function errorOf(map: Wire): PythonError {
  return new PythonError(map.message, {
    ...map,
    pythonType: map.type,
    pythonModule: map.module,
    cause: map.cause === null || map.cause === undefined ? undefined : errorOf(map.cause),
  });
}

/** Returns a decoded message in the notation of the vectors. */
function toWire(message: Message): Wire {
  const { kind, ...rest } = message as Wire;
  const name = Object.entries(Kind)
    .find(([, number]) => number === kind)?.[0]
    .toUpperCase();
  const { wantsProgress, wantsTiming, meta, runNs, hasBigInt: _, ...fields } = rest;
  return {
    kind: name,
    ...fields,
    ...(wantsProgress === undefined ? {} : { wants_progress: wantsProgress }),
    ...(wantsTiming ? { wants_timing: true } : {}),
    ...(meta === undefined ? {} : { meta }),
    ...(runNs === undefined ? {} : { run_ns: runNs }),
  };
}

function written(
  write: (writer: AnswerWriter) => void,
  limits?: { maxFrameBytes: number },
): string[] {
  const writer = new AnswerWriter(limits);
  write(writer);
  const taken = writer.take();
  const payloads: string[] = [];
  const decoder = new FrameDecoder();
  decoder.feed(taken, (payload) => payloads.push(hex(payload)));
  decoder.end();
  writer.release(taken);
  return payloads;
}

test.each(cases('messages.json', 'accepted'))(
  'a message is written as its payload: $name',
  (vector) => {
    expect(written((writer) => write(writer, vector.message))).toEqual([
      hex(toBytes(vector.payload)),
    ]);
  },
);

test.each(cases('messages.json', 'accepted'))(
  'a payload is read as its message: $name',
  (vector) => {
    const wire = toWire(decodeMessage(toBytes(vector.payload)));
    expect(wire).toEqual(vector.message);
  },
);

test.each(cases('messages.json', 'refused'))(
  'a payload against the protocol is refused: $name',
  (vector) => {
    const error = thrownBy(() => decodeMessage(toBytes(vector.payload)));
    expect([error.name, error.code]).toEqual(['ProtocolError', vector.error]);
  },
);

test.each(cases('messages.json', 'undecodable'))(
  'a body that does not decode costs its id alone: $name',
  (vector) => {
    const message = decodeMessage(toBytes(vector.payload)) as Wire;
    expect(message.kind).toBe('undecodable');
    expect([message.of, message.id]).toEqual([
      Object.entries(Kind).find(([name]) => name.toUpperCase() === vector.of)?.[1],
      vector.id,
    ]);
    expect(message.error.code).toBe(vector.error);
  },
);

test.each(cases('messages.json', 'ignored'))('kinds from 128 on are ignored: $name', (vector) => {
  expect(decodeMessage(toBytes(vector.payload))).toEqual({ kind: 'ignored' });
});

test('every message of the transcripts can be written and read', () => {
  const transcripts = load<{ steps: Wire[] }>('transcripts.json');
  const messages = Object.values(transcripts)
    .flat()
    .flatMap(({ steps }) => steps.flatMap((step) => (step.send ? [step.send] : [])));
  expect(messages.length).toBeGreaterThan(100);
  for (const message of messages) {
    if (message.kind === 'ERROR' || message.kind === 'FAIL') continue;
    const [payload] = written((writer) => write(writer, message));
    expect(toWire(decodeMessage(toBytes(payload!)))).toEqual(message);
  }
});

test('nothing read from a message shares memory with its payload', () => {
  const payload = toBytes('0300010000000000c403010203');
  const message = decodeMessage(payload) as Wire;
  payload.fill(0xff);
  expect([...message.value]).toEqual([1, 2, 3]);
});

test('arguments, keyword arguments and items count their depth on their own', () => {
  const deep = (levels: number) => {
    let value: unknown = [];
    for (let level = 1; level < levels; level++) value = [value];
    return value;
  };
  const read = (write: (writer: AnswerWriter) => void) =>
    decodeMessage(toBytes(written(write)[0]!)).kind;
  expect(read((w) => w.request(1, 'm', [deep(128)], { k: deep(128) }))).toBe(Kind.Call);
  expect(read((w) => w.request(1, 'm', [deep(128)], { k: deep(128) }, 1))).toBe(Kind.Open);
  expect(read((w) => w.items(1, [deep(128)]))).toBe(Kind.Items);
  expect(read((w) => w.result(1, deep(128)))).toBe(Kind.Result);
  for (const write of [
    (w: AnswerWriter) => w.request(1, 'm', [deep(129)], {}),
    (w: AnswerWriter) => w.request(1, 'm', [], { k: deep(129) }),
    (w: AnswerWriter) => w.items(1, [deep(129)]),
    (w: AnswerWriter) => w.result(1, deep(129)),
  ]) {
    expect(thrownBy(() => written(write)).code).toBe('DEPTH_EXCEEDED');
  }
});

test.each<[string, (writer: AnswerWriter) => void, string]>([
  ['an argument', (w) => w.request(1, 'm', [1, { fn() {} }], {}), '$.args[1].fn'],
  ['a keyword argument', (w) => w.request(1, 'm', [], { k: [() => 1] }), '$.kwargs.k[0]'],
  ['an argument itself', (w) => w.request(1, 'm', [() => 1], {}, 1), '$.args[0]'],
  ['a result', (w) => w.result(1, { items: [0, 1, 2, { fn() {} }] }), '$.items[3].fn'],
  ['an item', (w) => w.items(1, [1, { a: Symbol('s') }]), '$[1].a'],
  ['the name of a method', (w) => w.request(1, '\ud800', [], {}), '$.method'],
  ['progress', (w) => w.progress(1, [() => 1]), '$[0]'],
])('%s that cannot travel is named, and nothing of it is sent', (_, write, path) => {
  const writer = new AnswerWriter();
  writer.end(1);
  const error = thrownBy(() => write(writer));
  expect([error.name, error.path]).toEqual(['EncodeError', path]);
  writer.end(2);
  expect(hex(writer.take())).toBe(
    '08000000070001000000000008000000 0700020000000000'.replace(' ', ''),
  );
});

test('keyword arguments that are undefined are left out', () => {
  const [payload] = written((w) => w.request(1, 'm', [undefined], { a: undefined, b: 1 }));
  expect(toWire(decodeMessage(toBytes(payload!)))).toMatchObject({
    args: [null],
    kwargs: { b: 1 },
  });
});

test('a frame above the limit is not written', () => {
  const limits = { maxFrameBytes: 30 };
  expect(written((w) => w.result(1, 'x'.repeat(21)), limits)).toHaveLength(1);
  for (const length of [22, 1_000_000]) {
    const writer = new AnswerWriter(limits);
    const error = thrownBy(() => writer.result(1, 'x'.repeat(length)));
    expect([error.name, error.code]).toEqual(['FrameError', 'FRAME_TOO_LARGE']);
    expect(writer.pendingBytes).toBe(0);
  }
});

test('an error gets through without details that cannot travel', () => {
  const error = new SynapseError('X', 'boom', { details: { fn() {} } });
  const [payload] = written((w) => w.error(1, error));
  const { error: map } = decodeMessage(toBytes(payload!)) as Wire;
  expect([map.code, map.message, map.details]).toEqual(['X', 'boom', null]);
  expect(map.notes[0]).toContain('$.details.fn');
});

test('a getter that calls while its value is being written is refused, and the call goes on', () => {
  const writer = new AnswerWriter();
  const errors: unknown[] = [];
  writer.result(1, {
    get a() {
      errors.push(thrownBy(() => writer.end(9)).code);
      return 1;
    },
  });
  expect(errors).toEqual(['INTERNAL']);
  const taken = writer.take();
  new FrameDecoder().feed(taken, (payload) => {
    expect(toWire(decodeMessage(payload))).toEqual({ kind: 'RESULT', id: 1, value: { a: 1 } });
  });
});

test('a raw frame is its value alone, with nil for what is undefined', () => {
  expect(written((w) => w.raw({ a: undefined, b: [1] }))).toEqual(['82a161c0a1629101']);
  const writer = new AnswerWriter();
  expect(() => writer.raw(() => 1)).toThrow('$');
  expect(writer.pendingBytes).toBe(0);
  writer.result(1, { a: undefined });
  expect(hex(writer.take())).toBe('09000000030001000000000080');
});

describe('the bytes that were taken', () => {
  const payloadsIn = (bytes: Uint8Array) => {
    const values: unknown[] = [];
    const decoder = new FrameDecoder();
    decoder.feed(bytes, (payload) => values.push((decodeMessage(payload) as Wire).value));
    decoder.end();
    return values;
  };

  test('stay untouched until they are released, whatever is written meanwhile', () => {
    const writer = new AnswerWriter();
    const held: [Uint8Array, unknown[]][] = [];
    let state = 1;
    const random = (below: number) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    for (let round = 0; round < 2000; round++) {
      const values: unknown[] = [];
      for (let count = random(5); count >= 0; count--) {
        const value = random(50) === 0 ? 'x'.repeat(random(600_000)) : { round, count };
        values.push(value);
        writer.result(1 + round, value);
      }
      held.push([writer.take(), values]);
      while (held.length > random(12)) {
        const [taken, expected] = held.splice(random(held.length), 1)[0]!;
        expect(same(payloadsIn(taken), expected)).toBe(true);
        writer.release(taken);
      }
    }
    for (const [taken, expected] of held) {
      expect(same(payloadsIn(taken), expected)).toBe(true);
      writer.release(taken);
    }
  });

  test('come from the same memory again once all were released', () => {
    const writer = new AnswerWriter();
    const buffers = new Set<unknown>();
    for (let round = 0; round < 50_000; round++) {
      writer.result(1, 'a result of some length, so that the slab fills now and then');
      const taken = writer.take();
      buffers.add(taken.buffer);
      writer.release(taken);
    }
    expect(buffers.size).toBe(1);
  });

  test('a huge message does not keep its memory', () => {
    const writer = new AnswerWriter();
    writer.result(1, new Uint8Array(8 << 20));
    const huge = writer.take();
    expect(huge.length).toBe((8 << 20) + 4 + 8 + 5);
    writer.release(huge);
    writer.end(1);
    expect(writer.take().buffer.byteLength).toBeLessThan(1 << 20);
  });

  test('a release that is given twice is ignored', () => {
    const writer = new AnswerWriter();
    writer.end(1);
    const taken = writer.take();
    writer.release(taken);
    writer.release(taken);
    writer.release(new Uint8Array(3));
    writer.end(2);
    expect(hex(writer.take())).toBe('080000000700020000000000');
  });
});

test('a message says whether an integer in it is too large for a number', () => {
  const found: boolean[] = [];
  for (const value of [1, [2 ** 40], { a: [2n ** 53n] }, -(2n ** 63n), 2n ** 64n, [0.5]]) {
    const writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });
    writer.result(1, value);
    writer.items(1, [value]);
    new FrameDecoder().feed(writer.take(), (payload) => {
      found.push((decodeMessage(payload) as { hasBigInt: boolean }).hasBigInt);
    });
  }
  expect(found).toEqual([
    ...[false, false, false, false, true, true],
    ...[true, true, true, true, false, false],
  ]);
});

test('functions and streams travel as references where the writer is told to number them', () => {
  const writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });
  const seen: unknown[] = [];
  const first = () => 1;
  const second = () => 2;
  const items = [1].values();
  const number = (value: unknown) => seen.push(value);
  const numbers = {
    ofCallback: number,
    ofStream: number,
    isStream: isStreamable,
    isStreamLiteral: isStreamableLiteral,
  };
  writer.request(1, 'watch', [first, [second]], { on: first }, undefined, {}, numbers);
  writer.request(2, 'watch', [first, items], {}, 8, {}, numbers);
  expect(() => writer.request(3, 'watch', [first], {})).toThrow('a function cannot travel');
  expect(() => writer.result(3, first)).toThrow('a function cannot travel');
  expect(() => writer.result(3, items)).toThrow('an iterator travels only as an argument');
  const messages: Message[] = [];
  new FrameDecoder().feed(writer.take(), (payload) => messages.push(decodeMessage(payload)));
  expect(messages).toMatchObject([
    { method: 'watch', args: [{ id: 1 }, [{ id: 2 }]], kwargs: { on: { id: 3 } } },
    { method: 'watch', args: [new CallbackReference(4), new StreamReference(5)], credit: 8 },
  ]);
  expect(seen).toEqual([first, second, first, first, expect.anything()]);
  expect(seen[4]).toBe(items);
});

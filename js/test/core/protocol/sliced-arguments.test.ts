// Arguments that are encoded in slices are to the byte those that are encoded at once, whatever the slices and whatever
// the other end reads; so are their errors. What changes between two slices ends in a frame that is whole, or in an error.
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { ALL_EXTENSIONS } from '../../../src/core/protocol/codec/all-extensions.js';
import { NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { CallbackReference, StreamReference } from '../../../src/core/protocol/codec/references.js';
import { OutgoingSegments } from '../../../src/core/protocol/codec/segment-references.js';
import { isStreamable, isStreamableLiteral } from '../../../src/core/protocol/codec/streamable.js';
import type { References } from '../../../src/core/protocol/codec/value-writer.js';
import type { EncodedParts } from '../../../src/core/protocol/encoded-parts.js';
import { FrameDecoder } from '../../../src/core/protocol/frames.js';
import { AnswerWriter, decodeMessage, Kind } from '../../../src/core/protocol/messages.js';
import { SlicedArguments } from '../../../src/core/protocol/sliced-arguments.js';
import { cases, thrownBy, toValue } from './vectors.js';

type Kwargs = Readonly<Record<string, unknown>>;

const SLICES = [1, 7, 1000, Number.POSITIVE_INFINITY];
/** For what is large: so that it takes no minutes. */
const LARGE_SLICES = [30_000];
const LARGE = 65_536;
const SEGMENT = new Uint8Array(LARGE);

function encodeInSlices(args: readonly unknown[], kwargs: Kwargs, bytes?: number): EncodedParts {
  const sliced = SlicedArguments.of(args, kwargs, ALL_EXTENSIONS);
  while (sliced.encoded === undefined) sliced.step(bytes);
  return sliced.encoded;
}

/** Encodes up to where `change` is made, and then the rest. */
function changedMeanwhile(value: unknown, change: () => void, bytes = 40): () => EncodedParts {
  return () => {
    const sliced = SlicedArguments.of([value], {}, ALL_EXTENSIONS);
    sliced.step(bytes);
    expect(sliced.encoded).toBeUndefined();
    change();
    while (sliced.encoded === undefined) sliced.step(bytes);
    return sliced.encoded;
  };
}

function newReferences(seen: unknown[] = []): References {
  const number = (value: unknown) => seen.push(value);
  return {
    ofCallback: number,
    ofStream: number,
    isStream: isStreamable,
    isStreamLiteral: isStreamableLiteral,
  };
}

interface Sent {
  readonly bytes: Buffer;
  readonly segments: readonly Uint8Array[];
  readonly numbered: readonly unknown[];
}

function newWriter(readsSegments: boolean): AnswerWriter {
  const writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });
  if (readsSegments) writer.sendSegments(new OutgoingSegments());
  return writer;
}

/** What leaves, with another message before it, of these arguments; encoded already where there are no `kwargs`. */
function sent(
  args: readonly unknown[] | EncodedParts,
  kwargs: Kwargs | undefined,
  readsSegments = true,
  credit?: number,
): Sent {
  const writer = newWriter(readsSegments);
  const numbered: unknown[] = [];
  const extras = { meta: { traceparent: 'x' } };
  writer.cancel(1);
  writer.request(2, 'work', args, kwargs, credit, extras, newReferences(numbered));
  const bytes = Buffer.concat(writer.takeInserted(writer.take()));
  return { bytes, segments: writer.takeSegments(), numbered };
}

function expectSame(args: readonly unknown[], kwargs: Kwargs = {}, slices = SLICES): void {
  for (const bytes of slices) {
    const encoded = encodeInSlices(args, kwargs, bytes);
    for (const readsSegments of [true, false]) {
      for (const credit of slices === SLICES ? [undefined, 5] : [5]) {
        const once = sent(args, kwargs, readsSegments, credit);
        // Twice: it may have to be sent again, elsewhere.
        for (const attempt of [1, 2]) {
          const sliced = sent(encoded, undefined, readsSegments, credit);
          if (!sliced.bytes.equals(once.bytes)) {
            throw new Error(`It differs in slices of ${bytes}, attempt ${attempt}.`);
          }
          expect(sliced.numbered).toHaveLength(once.numbered.length);
          expect(sliced.numbered.every((one, index) => one === once.numbered[index])).toBe(true);
          expect(sliced.segments.length).toBe(once.segments.length);
          sliced.segments.forEach((segment, index) => {
            expect(Buffer.compare(segment, once.segments[index] as Uint8Array)).toBe(0);
          });
        }
      }
    }
  }
}

test.each(cases('values.json').filter(({ encode }) => encode !== false))(
  'what both wings write is the same in slices: $name',
  (vector) => {
    const value = vector.javascript_value ?? vector.value;
    const isLarge = vector.name.includes('65');
    expectSame([toValue(value)], {}, isLarge ? LARGE_SLICES : SLICES);
  },
);

test('the head of an object that says how many keys it has stands in one part', () => {
  const sparse = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`k${i}`, i % 2 || undefined]),
  );
  // Wherever the first part of 1024 bytes ends.
  for (let length = 1000; length < 1024; length++)
    expectSame(['x'.repeat(length), sparse], {}, [7]);
});

test('a Map that goes its own ways goes them in slices too', () => {
  class Only extends Map<string, number> {
    override *[Symbol.iterator](): MapIterator<[string, number]> {
      for (const [key] of super.entries()) yield [`only ${key}`, 1];
    }
  }
  expectSame([new Only([['z', 2]])]);
});

const scalar = fc.oneof(
  fc.constantFrom(null, undefined, true, false, 2n ** 64n, -(2n ** 63n)),
  fc.integer(),
  fc.double(),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.date({ noInvalidDate: true }),
  fc.float32Array({ maxLength: 9 }),
  fc.func(fc.integer()),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('any'), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie('any'), { maxKeys: 20 }),
    fc.array(fc.tuple(tie('any'), tie('any')), { maxLength: 8 }).map((pairs) => new Map(pairs)),
    fc.array(tie('any'), { maxLength: 8 }).map((items) => new Set(items)),
    tie('any').map((inner) => ({ toJSON: () => inner })),
  ),
})).any;

test('any arguments are the same in slices', () => {
  const args = fc.array(value, { maxLength: 3 });
  const kwargs = fc.dictionary(fc.string(), value, { maxKeys: 3 });
  fc.assert(
    fc.property(args, kwargs, (some, named) => expectSame(some, named)),
    { numRuns: 200 },
  );
});

async function* upload() {
  yield 1;
}

const deep = (levels: number): unknown => (levels === 0 ? 'end' : [{ in: deep(levels - 2) }]);

test.each<[string, readonly unknown[], Kwargs?]>([
  ['nothing', []],
  ['many records', [Array.from({ length: 3000 }, (_, id) => ({ id, name: `n${id}`, at: 0.5 }))]],
  ['a long flat array', [Array.from({ length: 200_000 }, (_, index) => index)]],
  [
    'an object of many keys',
    [Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]))],
  ],
  [
    'one whose values are left out',
    [
      Object.fromEntries(
        Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i % 7 ? undefined : i]),
      ),
    ],
  ],
  ['deep nesting', [deep(128)]],
  ['long texts', [['é'.repeat(200_000), 'a'.repeat(100_000), 'b'.repeat(131_072)]]],
  ['functions and streams', [() => 1, [() => 2, upload()], [1].values()], { on: () => 3 }],
  [
    'an iterator written by hand',
    [
      {
        next: () => ({ done: true }),
        [Symbol.iterator]() {
          return this;
        },
      },
    ],
  ],
  ['references that are passed on', [[new CallbackReference(7), new StreamReference(9), () => 1]]],
  ['functions between large texts', [['x'.repeat(200_000), () => 1, 'y'.repeat(200_000), () => 2]]],
  [
    'buffers at the limit of a segment',
    [new Uint8Array(LARGE - 1).fill(3), new Uint8Array(LARGE).fill(4)],
  ],
  [
    'large arrays',
    [
      [new Float64Array(LARGE).fill(0.5), new NdArray(new Int16Array(LARGE), [2, LARGE / 2])],
      'end',
    ],
  ],
  ['more large buffers than there may be segments', [Array.from({ length: 1030 }, () => SEGMENT)]],
  ['shared memory', [new Uint8Array(new SharedArrayBuffer(LARGE))]],
  ['arguments that are not given', [undefined, 1], { a: undefined, b: 2 }],
  [
    'a Map of Maps',
    [new Map<unknown, unknown>([[new Map([[1, [2]]]), new Map([['a', new Set([1])]])]])],
  ],
])('are the same in slices: %s', (_name, args, kwargs = {}) => {
  expectSame(args, kwargs, LARGE_SLICES);
});

test.each<[string, readonly unknown[], Kwargs?]>([
  ['nothing', []],
  ['functions and streams', [() => 1, [() => 2, upload()], [1].values()], { on: () => 3 }],
  ['deep nesting', [deep(128)]],
  ['arguments that are not given', [undefined, 1], { a: undefined, b: 2 }],
  ['large arrays between others', [[1, new Float64Array(LARGE / 8).fill(0.5), 'end'], () => 1]],
])('whatever the slices: %s', (_name, args, kwargs = {}) => {
  expectSame(args, kwargs);
});

const looped: unknown[] = [];
looped.push([looped]);

test.each<[string, readonly unknown[], Kwargs?]>([
  ['a symbol', [1, { a: [0, { b: Symbol('x') }] }]],
  ['a promise', [[Promise.resolve()]]],
  [
    'what a getter throws',
    [
      {
        a: {
          get b(): never {
            throw new Error('no');
          },
        },
      },
    ],
  ],
  ['a lone surrogate', [], { name: ['\ud800'] }],
  ['one in a name', [], { '\ud800': 1 }],
  ['an invalid Date', [{ at: new Date(Number.NaN) }]],
  ['a structure in itself', [looped]],
  ['one too deep', [deep(130)]],
  ['a symbol as the key of a Map', [new Map([[Symbol('k'), 1]])]],
])('are refused alike: %s', (_name, args, kwargs = {}) => {
  const once = thrownBy(() => sent(args, kwargs));
  for (const bytes of SLICES) {
    const sliced = thrownBy(() => encodeInSlices(args, kwargs, bytes));
    expect(sliced).toMatchObject({ name: once.name, code: once.code, message: once.message });
    expect(sliced.details).toEqual(once.details);
  }
});

test('a Map that grows while it is read is refused alike', () => {
  const growing = () => {
    const map = new Map<unknown, unknown>();
    return [map.set('a', { toJSON: () => map.set('b', 1).size })];
  };
  const once = thrownBy(() => sent(growing(), {}));
  const sliced = thrownBy(() => encodeInSlices(growing(), {}, 1));
  expect(sliced.message).toBe(once.message);
});

test('a value of the raw dialect is what it is at once', () => {
  const input = { a: undefined, b: [undefined, new Float32Array(LARGE), new Uint8Array(LARGE)] };
  const sliced = SlicedArguments.raw(input, ALL_EXTENSIONS);
  while (sliced.encoded === undefined) sliced.step(1);
  const writer = newWriter(false);
  writer.raw(input);
  const once = Buffer.from(writer.take());
  writer.encodedRaw(sliced.encoded);
  expect(Buffer.concat(writer.takeInserted(writer.take())).equals(once)).toBe(true);
  const refused = SlicedArguments.raw([() => 1], ALL_EXTENSIONS);
  expect(() => refused.step()).toThrow('a function cannot travel');
});

describe('A slice', () => {
  it('ends after so many bytes, though not within a text', () => {
    const sliced = SlicedArguments.of(
      [['x'.repeat(50), 'y', 'z'.repeat(5000), 1]],
      {},
      ALL_EXTENSIONS,
    );
    let slices = 0;
    for (; sliced.encoded === undefined; slices++) sliced.step(10);
    // One to each long text, and one for the rest.
    expect(slices).toBe(3);
  });

  it('ends though what it goes through takes no bytes', () => {
    const empty = Object.fromEntries(
      Array.from({ length: 200_000 }, (_, i) => [`k${i}`, undefined]),
    );
    const sliced = SlicedArguments.of([empty], {}, ALL_EXTENSIONS);
    let slices = 0;
    for (; sliced.encoded === undefined; slices++) sliced.step();
    expect(slices).toBeGreaterThan(3);
  });

  it('is all there is of a small value', () => {
    const sliced = SlicedArguments.of([1, 'two'], { three: [3] }, ALL_EXTENSIONS);
    sliced.step();
    expect(sliced.encoded).toBeDefined();
  });
});

describe('What changes between two slices', () => {
  const items = () => Array.from({ length: 100 }, (_, id) => ({ id }));

  it.each<[string, (array: unknown[]) => void]>([
    ['shrinks', (array) => void array.splice(50)],
    ['grows', (array) => void array.push(1)],
  ])('is refused: an array that %s', (_how, change) => {
    const array = items();
    const error = thrownBy(changedMeanwhile({ array }, () => change(array)));
    expect(error).toMatchObject({
      code: 'ENCODE_FAILED',
      path: '$.args[0].array',
      message: 'Cannot encode $.args[0].array: the array changed while it was read.',
    });
  });

  it.each<[string, (map: Map<unknown, unknown>) => void]>([
    ['shrinks', (map) => void map.delete('k90')],
    ['grows', (map) => void map.set('more', 1)],
    ['is emptied', (map) => map.clear()],
  ])('is refused: a Map that %s', (_how, change) => {
    const map = new Map(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]));
    const error = thrownBy(changedMeanwhile(map, () => change(map)));
    expect(error.message).toContain('the Map changed while it was read');
  });

  it('is sent as a mix that is whole: an object that gets and loses keys, items that are others', () => {
    const record: Record<string, unknown> = Object.fromEntries(
      items().map((item, i) => [`k${i}`, item]),
    );
    const encoded = changedMeanwhile(record, () => {
      delete record.k99;
      record.k98 = [1, 2];
      record.k0 = 'was read before';
      record.more = 'comes too late';
    })();
    const [args] = decodeArguments(encoded);
    const expected: Record<string, unknown> = Object.fromEntries(
      items().map((item, i) => [`k${i}`, item]),
    );
    delete expected.k99;
    expect(args).toEqual([{ ...expected, k98: [1, 2] }]);
  });

  it('does not matter: the lists of arguments themselves, and a Set', () => {
    const args: unknown[] = [new Set(items()), 'x'.repeat(50), 3];
    const kwargs: Record<string, unknown> = { a: 1, b: 2 };
    const sliced = SlicedArguments.of(args, kwargs, ALL_EXTENSIONS);
    sliced.step(1);
    (args[0] as Set<unknown>).clear();
    args.length = 0;
    kwargs.c = 3;
    while (sliced.encoded === undefined) sliced.step(1);
    expect(decodeArguments(sliced.encoded)).toEqual([[items(), 'x'.repeat(50), 3], { a: 1, b: 2 }]);
  });

  it('is refused when it is sent: a large buffer whose memory was transferred', () => {
    const buffer = new Float64Array(LARGE);
    const encoded = encodeInSlices([{ data: [buffer] }], {});
    structuredClone(buffer, { transfer: [buffer.buffer] });
    expect(thrownBy(() => sent(encoded, undefined))).toMatchObject({
      code: 'ENCODE_FAILED',
      path: '$.args[0].data[0]',
    });
  });

  it('is whole whatever changes', () => {
    const change = fc.record({
      at: fc.nat(60),
      key: fc.constantFrom('a', 'b', 'length', 'new'),
      to: fc.oneof(fc.constant(undefined), fc.string(), fc.array(fc.nat())),
      where: fc.nat(3),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 6 }),
        fc.integer({ min: 1, max: 30 }),
        (changes, bytes) => {
          const places: Record<string, unknown>[] = [
            { a: [1, 2, 3], b: 'text' },
            { a: 1 },
            { b: { a: 2 } },
          ];
          const sliced = SlicedArguments.of([places, { places }], {}, ALL_EXTENSIONS);
          try {
            for (let step = 0; sliced.encoded === undefined; step++) {
              sliced.step(bytes);
              for (const { at, key, to, where } of changes) {
                if (at !== step) continue;
                if (where === 3) places.length = places.length === 3 ? 2 : 3;
                else if (places[where] !== undefined) places[where][key] = to;
              }
            }
          } catch (error) {
            expect(error).toMatchObject({ code: 'ENCODE_FAILED' });
            return;
          }
          expect(decodeArguments(sliced.encoded)).toHaveLength(2);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('a frame that is too large is refused, when it is sent at the latest, and leaves no trace', () => {
  const encoded = encodeInSlices(['x'.repeat(5000)], {});
  const writer = new AnswerWriter({ maxFrameBytes: 4096, extensions: ALL_EXTENSIONS });
  expect(thrownBy(() => writer.request(1, 'm', encoded, undefined)).code).toBe('FRAME_TOO_LARGE');
  expect([writer.pendingBytes, writer.holdsSegments]).toEqual([0, false]);
  writer.cancel(1);
  expect(writer.takeInserted(writer.take())).toHaveLength(1);
});

/** What the other end reads: by position, and by name. */
function decodeArguments(encoded: EncodedParts): unknown[] {
  const found: unknown[] = [];
  new FrameDecoder().feed(sent(encoded, undefined, false).bytes, (payload) => {
    const message = decodeMessage(payload);
    if (message.kind === Kind.Call) found.push(message.args, message.kwargs);
  });
  return found;
}

// Properties of the codec and of frames that hold for any input, and a comparison with two other codecs.

import { expect, test } from '@jest/globals';
import { decode as theirDecode, encode as theirEncode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { Packr, Unpackr } from 'msgpackr';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import { DecodeError } from '../../../src/core/protocol/errors.js';
import { encodeFrame, FrameDecoder } from '../../../src/core/protocol/frames.js';
import { hex, same } from './vectors.js';

const RUNS = { numRuns: 500 };

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', '\ufeff', '\0'),
);
const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.integer({ min: 0, max: 53 }).map((bits) => 2 ** bits - 1),
);
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => new Uint8Array(array));
const beyondSafe = fc
  .bigInt({ min: -(2n ** 600n), max: 2n ** 600n })
  .filter((value) => value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER);
const date = fc.date({ noInvalidDate: true });
const scalar = fc.oneof(
  fc.constantFrom(null, true, false),
  integer,
  fc.double(),
  text,
  bytes,
  date,
  beyondSafe,
);

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('list'),
    tie('record'),
    tie('map'),
  ),
  list: fc.array(tie('any'), { maxLength: 20 }),
  record: fc.dictionary(text, tie('any'), { maxKeys: 20, noNullPrototype: true }),
  // A map whose keys are all text comes back as an object: here the first key is none.
  map: fc
    .tuple(
      integer,
      fc.array(fc.tuple(fc.oneof(text, integer, beyondSafe), tie('any')), { maxLength: 8 }),
    )
    .map(([first, pairs]) => new Map<unknown, unknown>([[first, null], ...pairs])),
})).any;

test('a value comes back as it went', () => {
  fc.assert(
    fc.property(value, (original) => {
      expect(same(decodeValue(encodeValue(original)), original)).toBe(true);
    }),
    RUNS,
  );
});

test('any bytes give a value that can be written again, or our error', () => {
  const check = (input: Uint8Array) => {
    let decoded: unknown;
    try {
      decoded = decodeValue(input);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      return;
    }
    expect(same(decodeValue(encodeValue(decoded)), decoded)).toBe(true);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), check), { numRuns: 5000 });
  fc.assert(
    fc.property(value, fc.nat(), fc.nat({ max: 255 }), fc.nat(), (original, at, byte, cut) => {
      const damaged = encodeValue(original).slice();
      damaged[at % damaged.length] = byte;
      check(damaged);
      check(damaged.subarray(0, cut % (damaged.length + 1)));
    }),
    RUNS,
  );
});

test('whatever is thrown at the encoder ends as bytes or as our error', () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withSparseArray: true,
        withNullPrototype: true,
        withObjectString: true,
        withBoxedValues: true,
      }),
      (anything) => {
        let encoded: Uint8Array;
        try {
          encoded = encodeValue(anything);
        } catch (error) {
          expect((error as Error).name).toBe('EncodeError');
          return;
        }
        decodeValue(encoded);
      },
    ),
    RUNS,
  );
});

test('frames cut anywhere give the payloads', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 12 }),
      fc.array(fc.nat({ max: 600 }), { maxLength: 10 }),
      (payloads, cuts) => {
        const frames = payloads.map((payload) => Buffer.from(encodeFrame(new Uint8Array(payload))));
        const stream = new Uint8Array(Buffer.concat(frames));
        const places = [0, ...cuts.filter((cut) => cut <= stream.length), stream.length];
        places.sort((a, b) => a - b);
        const decoder = new FrameDecoder();
        const taken: string[] = [];
        for (let index = 1; index < places.length; index++) {
          const chunk = stream.slice(places[index - 1], places[index]);
          decoder.feed(chunk, (payload) => taken.push(hex(payload)));
          chunk.fill(0xee);
        }
        decoder.end();
        expect(taken).toEqual(payloads.map((payload) => hex(new Uint8Array(payload))));
      },
    ),
    RUNS,
  );
});

// What the other codecs agree with us on: no `__proto__`, no minus zero and no bigint (they lose or refuse
// them), no NaN as a key, no Map.
const sharedText = fc.string({ unit: 'grapheme', maxLength: 60 });
const sharedScalar = fc.oneof(
  fc.constantFrom(null, true, false),
  integer,
  fc.double().filter((number) => !Object.is(number, -0)),
  sharedText,
  bytes,
);
const shared = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, sharedScalar, tie('list'), tie('record')),
  list: fc.array(tie('any'), { maxLength: 20 }),
  record: fc.dictionary(
    sharedText.filter((key) => key !== '__proto__'),
    tie('any'),
    { maxKeys: 20, noNullPrototype: true },
  ),
})).any;

test('@msgpack/msgpack reads what we write, and we what it writes', () => {
  fc.assert(
    fc.property(shared, (original) => {
      expect(same(theirDecode(encodeValue(original)), original)).toBe(true);
      expect(same(decodeValue(theirEncode(original)), original)).toBe(true);
    }),
    RUNS,
  );
});

test('msgpackr reads what we write, and we what it writes', () => {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });
  const plain = (found: unknown): unknown =>
    Buffer.isBuffer(found)
      ? new Uint8Array(found)
      : Array.isArray(found)
        ? found.map(plain)
        : typeof found === 'object' && found !== null && !(found instanceof Uint8Array)
          ? Object.fromEntries(Object.entries(found).map(([key, item]) => [key, plain(item)]))
          : found;
  fc.assert(
    fc.property(shared, (original) => {
      expect(same(plain(unpackr.unpack(encodeValue(original))), original)).toBe(true);
      expect(same(decodeValue(packr.pack(original)), original)).toBe(true);
    }),
    RUNS,
  );
});

test('@msgpack/msgpack takes no random bytes for another value than we do', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
      let mine: unknown;
      try {
        mine = decodeValue(input);
      } catch {
        return; // it is laxer: lone surrogates, extensions, Maps and trailing keys
      }
      let theirs: unknown;
      try {
        theirs = theirDecode(input, { useBigInt64: false });
      } catch {
        return; // it has no bigints beyond 64 bits, no other keys than text and numbers
      }
      const text = JSON.stringify([mine], (_, item) =>
        typeof item === 'bigint' ? Number(item) : item,
      );
      if (!/Map|Date|ExtData/.test(classesIn(mine) + classesIn(theirs)))
        expect(JSON.stringify([theirs])).toBe(text);
    }),
    { numRuns: 5000 },
  );
});

/** Names the classes that occur in a value. */
function classesIn(found: unknown): string {
  if (typeof found !== 'object' || found === null) return '';
  const { name } = Object.getPrototypeOf(found).constructor as { name: string };
  return name + (found instanceof Map ? '' : Object.values(found).map(classesIn).join());
}

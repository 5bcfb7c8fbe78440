// The codec against the shared vectors.
import { expect, test } from '@jest/globals';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import { DecodeError, EncodeError } from '../../../src/core/protocol/errors.js';
import { cases, hex, same, thrownBy, toBytes, toValue, type Vector } from './vectors.js';

const VALUES = [...cases('values.json'), ...cases('msgpack-test-suite.json')];
const read = (vector: Vector) => toValue(vector.javascript_value ?? vector.value);

test.each(VALUES.filter((vector) => vector.encode !== false))(
  'a value encodes to its smallest form: $name',
  (vector) => {
    if (vector.javascript_value !== undefined) return; // a Date cannot hold the value
    const bytes = encodeValue(toValue(vector.value));
    expect(hex(bytes)).toBe(hex(toBytes(vector.javascript_bytes ?? vector.bytes)));
  },
);

test.each(VALUES)('every legal encoding decodes to the value: $name', (vector) => {
  for (const encoding of [vector.bytes, ...(vector.also ?? []), ...(vector.as_float ?? [])]) {
    expect(same(decodeValue(toBytes(encoding)), read(vector))).toBe(true);
  }
});

test.each(VALUES.filter((vector) => vector.name.length < 60))(
  'a value decodes the same in the middle of a larger buffer: $name',
  (vector) => {
    const bytes = toBytes(vector.bytes);
    const room = new Uint8Array(bytes.length + 7).fill(0xc1);
    room.set(bytes, 3);
    expect(same(decodeValue(room.subarray(3, 3 + bytes.length)), read(vector))).toBe(true);
  },
);

test.each(cases('rejects.json').filter((vector) => !vector.name.startsWith('every beginning')))(
  'what is no value is refused: $name',
  (vector) => {
    const error = thrownBy(() => decodeValue(toBytes(vector.bytes)));
    expect(error).toBeInstanceOf(DecodeError);
    expect(error.code).toBe(vector.error);
  },
);

test.each(cases('rejects.json', 'truncations'))(
  'a value that is cut anywhere is refused: $name',
  (vector) => {
    const whole = toBytes(vector.bytes);
    decodeValue(whole);
    for (let length = 0; length < whole.length; length++) {
      // What lies behind the end in memory must not be read.
      const error = thrownBy(() => decodeValue(whole.subarray(0, length)));
      expect([error.name, error.code]).toEqual(['DecodeError', vector.error]);
    }
    expect(() => decodeValue(new Uint8Array([...whole, 0]))).toThrow(DecodeError);
  },
);

test.each(cases('refusals.json'))(
  'a value that cannot travel is refused with its path: $name',
  (vector) => {
    const error = thrownBy(() => encodeValue(toValue(vector.value)));
    expect(error).toBeInstanceOf(EncodeError);
    expect(error.code).toBe(vector.error);
    if (vector.path !== undefined) {
      expect(error.path).toBe(vector.path);
      expect(error.details).toEqual({ path: vector.path });
      expect(error.message).toContain(vector.path);
    }
  },
);

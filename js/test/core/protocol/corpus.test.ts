// The inputs that fuzzing has found so far, with the verdicts of this wing (tests/python/protocol/test_fuzzing.py
// finds them, and compares the two wings).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { DecodeError, FrameError, ProtocolError } from '../../../src/core/protocol/errors.js';
import { FrameDecoder } from '../../../src/core/protocol/frames.js';
import { decodeMessage } from '../../../src/core/protocol/messages.js';
import { hex, toBytes } from './vectors.js';

const CORPUS = join(__dirname, '../../../../tests/vectors/corpus');
const SMALL_FRAME_BYTES = 64;

interface Entry {
  readonly input: Uint8Array;
  readonly verdict: string;
}

function entries(name: string): Entry[] {
  const lines = readFileSync(join(CORPUS, name), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [bytes = '', , verdict = ''] = line.split('\t');
    return { input: toBytes(bytes), verdict };
  });
}

/** What `decode` makes of each input, beside what it made of it when it was saved. */
function replay(name: string, decode: (input: Uint8Array) => string): void {
  const found = entries(name);
  expect(found.length).toBeGreaterThan(10);
  for (const { input, verdict } of found) {
    expect(`${hex(input)} ${decode(input)}`).toBe(`${hex(input)} ${verdict}`);
  }
}

test('values', () => {
  replay('values.txt', (input) => {
    try {
      decodeValue(input);
      return 'ok';
    } catch (error) {
      if (error instanceof DecodeError) return error.code;
      throw error;
    }
  });
});

test('messages', () => {
  replay('messages.txt', (input) => {
    try {
      const message = decodeMessage(input);
      if (message.kind === 'undecodable') return `undecodable ${message.error.code}`;
      return message.kind === 'ignored' ? 'ignored' : 'ok';
    } catch (error) {
      if (error instanceof ProtocolError) return error.code;
      throw error;
    }
  });
});

test('streams, cut as their first byte says, or anywhere else', () => {
  for (const step of [undefined, 1, 2, 5, 1000]) {
    replay('streams.txt', (input) => {
      const decoder = new FrameDecoder(SMALL_FRAME_BYTES);
      const size = step ?? 1 + (input[0] ?? 0);
      try {
        for (let at = 1; at < input.length; at += size) {
          decoder.feed(input.slice(at, at + size), (payload) => {
            if (payload.length > SMALL_FRAME_BYTES) throw new Error('a payload over the limit');
          });
        }
        decoder.end();
        return 'ok';
      } catch (error) {
        if (error instanceof FrameError) return error.code;
        throw error;
      }
    });
  }
});

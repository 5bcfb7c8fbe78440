// Text, read by hand where it is short and ASCII.
import { describe, expect, it } from '@jest/globals';
import { readUtf8 } from '../../../src/core/protocol/codec/short-text.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('text', () => {
  it.each(Array.from({ length: 60 }, (_, length) => length))(
    'of %i characters is read, with and without one beyond ASCII anywhere',
    (length) => {
      const plain = Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
      const texts = [plain];
      for (let at = 0; at < length; at++)
        texts.push(`${plain.slice(0, at)}é${plain.slice(at + 1)}`);
      for (const text of texts) {
        const bytes = bytesOf(`<${text}>`);
        expect(readUtf8(bytes, 1, bytes.length - 1)).toBe(text);
      }
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { LineSplitter } from '../../../src/node/supervisor/line-splitter.js';

function split(...chunks: (string | Uint8Array)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.feed(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  splitter.end();
  return lines;
}

describe('Captured output', () => {
  it('comes as lines with their newlines, empty ones too', () => {
    expect(split('one\n\ntw', 'o\n')).toEqual(['one\n', '\n', 'two\n']);
  });

  it('ends with a line that has no newline', () => {
    expect(split('a\nb')).toEqual(['a\n', 'b']);
  });

  it('is the same however its bytes are cut', () => {
    const bytes = Buffer.from('日本 🐍 äöü\nnext');
    expect(split(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([
      '日本 🐍 äöü\n',
      'next',
    ]);
  });

  it('stands bytes that are not UTF-8', () => {
    expect(split(Uint8Array.of(0x66, 0xff, 0x0a))).toEqual(['f\ufffd\n']);
  });

  it('passes an endless line on in pieces of 64 Ki', () => {
    const pieces = split('x'.repeat(100_000), 'x'.repeat(100_000), '\n');
    expect(pieces.map((piece) => piece.length)).toEqual([65_536, 65_536, 65_536, 3393]);
    expect(pieces.join('')).toBe(`${'x'.repeat(200_000)}\n`);
  });

  it.each([0, 1, 2])('passes on whole characters only, %i units after the start', (units) => {
    const line = `${'x'.repeat(units)}${'🐍'.repeat(100_000)}\n`;
    const pieces = split(line);
    expect(pieces.join('')).toBe(line);
    expect(pieces.filter((piece) => /^[\udc00-\udfff]/.test(piece))).toEqual([]);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(65_536);
  });

  it('passes on whole characters only, where a piece is full when one comes', () => {
    expect(split('x'.repeat(65_536), '🐍\n').map((piece) => piece.length)).toEqual([65_536, 3]);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BuildLine } from '../../../src/node/env/build-line.js';
import type { EnvironmentEvent } from '../../../src/node/env/events.js';

interface Case {
  readonly title: string;
  readonly module: string;
  readonly width: number;
  readonly turn: number;
  readonly elapsed_ms: number;
  readonly events: readonly EnvironmentEvent[];
  readonly line: string;
}

const VECTORS = join(__dirname, '../../../../tests/vectors/build_lines.json');
const cases: Case[] = JSON.parse(readFileSync(VECTORS, 'utf8'));

function lineOf({ module, events }: Case): BuildLine {
  const line = new BuildLine(module);
  for (const event of events) line.take(event);
  return line;
}

describe('events make the line that the command line shows, too', () => {
  test.each(cases)('$title', (one) => {
    expect(lineOf(one).text(one.width, one.turn, one.elapsed_ms)).toBe(one.line);
  });
});

test('no line is as long as the terminal is wide', () => {
  for (const one of cases) {
    const line = lineOf(one);
    for (let width = 1; width < 130; width++) {
      const text = line.text(width, one.turn, one.elapsed_ms).replaceAll(/\p{M}/gu, '');
      expect([...text].length).toBeLessThan(width);
    }
  }
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PythonError } from 'synapse-worker';
import { connect, type Words } from './generated/words.js';

let words: Words;

// The first run builds the Python environment.
beforeAll(async () => {
  words = await connect();
}, 300_000);

afterAll(() => words?.close());

test('a text is summarized', async () => {
  await expect(words.summarize('to be or not')).resolves.toEqual({
    words: 4,
    longest: 'not',
    size: '12 Bytes',
  });
});

test('words stream in, the most frequent first', async () => {
  const counted: [string, number][] = [];
  for await (const word of words.most_common('b a b')) counted.push(word);
  expect(counted).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
});

test('a Python exception rejects the call', async () => {
  await expect(words.summarize('')).rejects.toThrow(PythonError);
});

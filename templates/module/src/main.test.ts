import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Client, PythonError } from 'synapse-worker';
import { type Summary, start } from './client.js';

let python: Client;

// The first run builds the Python environment.
beforeAll(async () => {
  python = await start();
}, 300_000);

afterAll(() => python?.close());

test('a text is summarized', async () => {
  await expect(python.call<Summary>('summarize', ['to be or not'])).resolves.toEqual({
    words: 4,
    longest: 'not',
    size: '12 Bytes',
  });
});

test('words stream in, the most frequent first', async () => {
  const words: [string, number][] = [];
  for await (const word of python.stream<[string, number]>('most_common', ['b a b'])) {
    words.push(word);
  }
  expect(words).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
});

test('a Python exception rejects the call', async () => {
  await expect(python.call('summarize', [''])).rejects.toThrow(PythonError);
});

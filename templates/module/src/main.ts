import { PythonError } from 'synapse-worker';
import { connect } from './generated/words.js';

const TEXT = 'the quick brown fox jumps over the lazy dog and the dog does not mind';

const words = await connect();
try {
  // Positional arguments, then keyword-only ones.
  const summary = await words.summarize(TEXT, { binary: true });
  console.log(`${summary.words} words, the longest is "${summary.longest}", ${summary.size}`);

  // A Python generator is an async iterable; leaving the loop stops it.
  for await (const [word, count] of words.most_common(TEXT)) {
    if (count < 2) break;
    console.log(`${count} × ${word}`);
  }

  // Options come last.
  const letters = await words.count_letters(TEXT.split(' and '), {
    timeoutMs: 5_000,
    onProgress: (progress) => console.log('progress', progress),
  });
  console.log(`${letters} letters`);

  // A Python exception rejects the call, with its type and traceback.
  await words.summarize('').catch((error: unknown) => {
    if (!(error instanceof PythonError)) throw error;
    console.log(`${error.pythonType}: ${error.message}`);
  });
} finally {
  await words.close();
}

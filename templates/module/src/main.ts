import { PythonError } from 'synapse-worker';
import { type Summary, start } from './client.js';

const TEXT = 'the quick brown fox jumps over the lazy dog and the dog does not mind';

async function main(): Promise<void> {
  const python = await start();
  try {
    // Positional arguments, then keyword arguments.
    const summary = await python.call<Summary>('summarize', [TEXT], { binary: true });
    console.log(`${summary.words} words, the longest is "${summary.longest}", ${summary.size}`);

    // A Python generator is an async iterable; leaving the loop stops it.
    for await (const [word, count] of python.stream<[string, number]>('most_common', [TEXT])) {
      if (count < 2) break;
      console.log(`${count} × ${word}`);
    }

    // Options come last.
    const letters = await python.call<number>(
      'count_letters',
      [TEXT.split(' and ')],
      {},
      {
        timeoutMs: 5_000,
        onProgress: (progress) => console.log('progress', progress),
      },
    );
    console.log(`${letters} letters`);

    // A Python exception rejects the call, with its type and traceback.
    await python.call('summarize', ['']).catch((error: unknown) => {
      if (!(error instanceof PythonError)) throw error;
      console.log(`${error.pythonType}: ${error.message}`);
    });
  } finally {
    await python.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

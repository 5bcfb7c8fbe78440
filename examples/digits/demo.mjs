// Trains a digit reader in Python from Node and puts it to work: `make demo`, or `node demo.mjs` once that has run.
// The first run builds the module's environment in .venv beside main.py; later runs start at once.
import { fileURLToPath } from 'node:url';
import { connect, PythonError, SynapseError } from 'synapse-worker';
import {
  bold,
  dim,
  facts,
  green,
  heading,
  picture,
  progressLine,
  red,
  sideBySide,
  table,
} from './terminal.mjs';

const DARKEST = 16;

// A seven that is in nobody's data set: it is drawn here.
const DRAWN = [
  '..####..',
  '..#..##.',
  '.....##.',
  '....##..',
  '..#####.',
  '....#...',
  '...##...',
  '...#....',
].map((row) => [...row].map((mark) => (mark === '#' ? DARKEST : 0)));

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Resolves to what `work` gave and the milliseconds it took. */
async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
}

async function showTraining(client) {
  const bar = progressLine();
  const { result: accuracy, ms } = await timed(() =>
    client.call(
      'train',
      [40],
      { hidden: 64 },
      {
        onProgress: ({ epoch, epochs, accuracy: reached }) =>
          bar.update(epoch, epochs, `epoch ${epoch}/${epochs}   ${percent(reached)} right`),
      },
    ),
  );
  bar.end();
  return { accuracy, ms };
}

async function showReadings(client) {
  const scans = await client.call('samples', [3], { seed: 7 });
  const images = [...scans.map(({ image }) => image), DRAWN];
  const truths = [...scans.map(({ label }) => String(label)), '7'];
  const readings = await client.call('predict', [images]);
  sideBySide(
    images.map((image, i) => ({
      lines: picture(image, DARKEST),
      caption: `reads ${readings[i].digit}, ${percent(readings[i].confidence)}`,
    })),
  );
  const right = readings.filter(({ digit }, i) => String(digit) === truths[i]).length;
  console.log(
    dim(`\n  ${right} of ${images.length} read as a person does; the last was drawn in demo.mjs.`),
  );
}

async function showClasses(client) {
  const row = table(['digit', 'images', 'precision', 'recall', 'taken for']);
  for await (const { digit, images, precision, recall, taken_for } of client.stream('evaluate')) {
    row([digit, images, percent(precision), percent(recall), taken_for ?? '–']);
  }
}

async function showFailure(client) {
  try {
    await client.call('predict', [[[1, 2, 3]]]);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    console.log(`  ${red(error.pythonType)}: ${error.message}`);
    console.log(
      dim(
        `  raised at ${error.traceback.match(/main\.py", line \d+, in \w+/)?.[0].replace('"', '') ?? 'main.py'}`,
      ),
    );
  }
}

async function measure(client) {
  const batch = await client.call('samples', [400]);
  const images = batch.map(({ image }) => image);
  const single = [];
  for (const image of images)
    single.push((await timed(() => client.call('predict', [[image]]))).ms);
  const { ms: together } = await timed(() => client.call('predict', [images]));
  return { single: median(single), together, count: images.length };
}

async function main() {
  console.log(bold('\nSynapse: Python reads handwriting, Node asks'));
  const { result: client, ms: startup } = await timed(() =>
    connect(fileURLToPath(new URL('.', import.meta.url))),
  );
  try {
    const { library, images, training, held_out } = await client.call('dataset');
    console.log(
      dim(
        `\n  ${library}, ${images} scans of 8×8 pixels: ${training} to learn from, ${held_out} held out`,
      ),
    );

    heading('Training, with progress');
    const trained = await showTraining(client);

    heading('Images sent as arrays');
    await showReadings(client);

    heading('Results per digit, streamed');
    await showClasses(client);

    heading('An exception, as Node sees it');
    await showFailure(client);

    heading('Timings');
    const timings = await measure(client);
    facts([
      ['environment and start', seconds(startup)],
      ['training', `${seconds(trained.ms)} for ${percent(trained.accuracy)}`],
      ['one image, one call', `${timings.single.toFixed(2)} ms (median of ${timings.count})`],
      [`${timings.count} images, one call`, `${timings.together.toFixed(1)} ms`],
    ]);
    console.log(green('\n  done\n'));
  } finally {
    await client.close();
  }
}

try {
  await main();
} catch (error) {
  if (!SynapseError.is(error)) throw error;
  console.error(`\n${red(`${error.name} [${error.code}]`)} ${error.message}`);
  if (error instanceof PythonError) console.error(dim(error.traceback));
  process.exitCode = 1;
}

// Trains a digit reader in Python from Node and puts it to work: `make demo`, or `npm start` once that has run.
// The first run builds the module's environment in .venv beside main.py; later runs start at once.
import { NdArray, PythonError, SynapseError } from 'synapse-worker';
import { connect, type Digits, UnreadableImageError } from './generated/digits.js';
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
} from './terminal.js';

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

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Resolves to what `work` gave and the milliseconds it took. */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
}

async function showTraining(digits: Digits): Promise<{ accuracy: number; ms: number }> {
  const bar = progressLine();
  const onProgress = (value: unknown): void => {
    const { epoch, epochs, accuracy } = value as Record<'epoch' | 'epochs' | 'accuracy', number>;
    bar.update(epoch, epochs, `epoch ${epoch}/${epochs}   ${percent(accuracy)} right`);
  };
  const { result, ms } = await timed(() => digits.train(40, { hidden: 64 }, { onProgress }));
  bar.end();
  return { accuracy: result, ms };
}

async function showReadings(digits: Digits): Promise<void> {
  const { images, labels } = await digits.samples(3, { seed: 7 });
  const pictures = [...(images.toNested() as number[][][]), DRAWN];
  const truths = [...labels, 7];
  const readings = await digits.predict(NdArray.from(pictures));
  sideBySide(
    readings.map(({ digit, confidence }, i) => ({
      lines: picture(pictures[i] ?? [], DARKEST),
      caption: `reads ${digit}, ${percent(confidence)}`,
    })),
  );
  const right = readings.filter(({ digit }, i) => digit === truths[i]).length;
  console.log(
    dim(`\n  ${right} of ${truths.length} read as a person does; the last was drawn in demo.ts.`),
  );
}

async function showClasses(digits: Digits): Promise<void> {
  const row = table(['digit', 'images', 'precision', 'recall', 'taken for']);
  for await (const { digit, images, precision, recall, taken_for } of digits.evaluate()) {
    row([digit, images, percent(precision), percent(recall), taken_for ?? '–']);
  }
}

async function showFailure(digits: Digits): Promise<void> {
  try {
    await digits.predict(NdArray.from([[1, 2, 3]]));
  } catch (error) {
    if (!(error instanceof UnreadableImageError)) throw error;
    console.log(`  ${red(error.pythonType)}: ${error.message}`);
    console.log(dim(`  details.shape is [${error.details.shape.join(', ')}]`));
  }
}

async function measure(
  digits: Digits,
): Promise<{ single: number; together: number; count: number }> {
  const { images } = await digits.samples(400);
  const single: number[] = [];
  for (const image of images.toNested() as number[][][]) {
    const one = NdArray.from([image]);
    single.push((await timed(() => digits.predict(one))).ms);
  }
  const { ms: together } = await timed(() => digits.predict(images));
  return { single: median(single), together, count: single.length };
}

async function main(): Promise<void> {
  console.log(bold('\nSynapse: Python reads handwriting, Node asks'));
  const { result: digits, ms: startup } = await timed(() => connect());
  try {
    const { library, images, training, held_out } = await digits.dataset();
    console.log(
      dim(
        `\n  ${library}, ${images} scans of 8×8 pixels: ${training} to learn from, ${held_out} held out`,
      ),
    );

    heading('Training, with progress');
    const trained = await showTraining(digits);

    heading('Images sent as arrays');
    await showReadings(digits);

    heading('Results per digit, streamed');
    await showClasses(digits);

    heading('An exception, as Node sees it');
    await showFailure(digits);

    heading('Timings');
    const timings = await measure(digits);
    facts([
      ['environment and start', seconds(startup)],
      ['training', `${seconds(trained.ms)} for ${percent(trained.accuracy)}`],
      ['one image, one call', `${timings.single.toFixed(2)} ms (median of ${timings.count})`],
      [`${timings.count} images, one call`, `${timings.together.toFixed(1)} ms`],
    ]);
    console.log(green('\n  done\n'));
  } finally {
    await digits.close();
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

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NdArray, ValidationError } from 'synapse-worker';
import { connect, type Iris, NotTrainedError, WrongShapeError } from './generated/iris.js';

const ONE = new NdArray(Float64Array.of(5.1, 3.5, 1.4, 0.2), [1, 4]);

let folder: string;
let iris: Iris;

// A model of its own, not the one in use. The first run builds the Python environment.
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'iris-'));
  iris = await connect({ env: { MODEL_FILE: path.join(folder, 'model.joblib') } });
}, 300_000);

afterAll(async () => {
  await iris?.close();
  await rm(folder, { recursive: true });
});

test('nothing is predicted before there is a model', async () => {
  await expect(iris.predict(ONE)).rejects.toThrow(NotTrainedError);
});

test('training reports its steps, and every worker predicts with what it left', async () => {
  const steps: unknown[] = [];
  const accuracy = await iris.train(20, { step: 10 }, { onProgress: (step) => steps.push(step) });
  expect(steps).toHaveLength(2);
  expect(accuracy).toBeGreaterThan(0.9);
  // As many at a time as there are workers, so that each of them answers.
  const answers = await Promise.all([iris.predict(ONE), iris.predict(ONE), iris.predict(ONE)]);
  expect(answers.map(({ species }) => species)).toEqual([['setosa'], ['setosa'], ['setosa']]);
});

test('a batch has a row of probabilities for each flower', async () => {
  const { flowers } = await iris.held_out();
  const { species, probabilities } = await iris.predict(flowers);
  expect(species).toHaveLength(60);
  expect(probabilities.shape).toEqual([60, 3]);
  expect(probabilities.data).toBeInstanceOf(Float64Array);
});

test('an array of another shape, or of other numbers, is refused', async () => {
  await expect(iris.predict(NdArray.from([[1, 2, 3]]))).rejects.toThrow(WrongShapeError);
  const rounded = NdArray.from([[5, 3, 1, 0]], 'int32');
  // @ts-expect-error an Int32Array is no Float64Array
  await expect(iris.predict(rounded)).rejects.toThrow(ValidationError);
});

test('training stops when nobody waits for it', async () => {
  const giveUp = new AbortController();
  const training = iris.train(1_000_000, undefined, {
    signal: giveUp.signal,
    onProgress: () => giveUp.abort(),
  });
  await expect(training).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
});

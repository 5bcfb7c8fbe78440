import { NdArray } from 'synapse-worker';
import { connect, NotTrainedError } from './generated/iris.js';

const iris = await connect();
try {
  // Two flowers, four lengths each: the numbers row by row, and the shape they have.
  const measured = Float64Array.of(5.1, 3.5, 1.4, 0.2, 6.3, 2.9, 5.6, 1.8);
  const flowers = new NdArray(measured, [2, 4]);

  // The model of an earlier run is loaded with the worker; the first run has none.
  try {
    await iris.predict(flowers);
  } catch (error) {
    if (!(error instanceof NotTrainedError)) throw error;
    const accuracy = await iris.train(60, undefined, {
      onProgress: (step) => console.log('training', step),
    });
    console.log(`trained: ${(100 * accuracy).toFixed(0)} % right`);
  }

  // What comes back is a typed array too, with a row of probabilities for each flower.
  const names = await iris.species();
  const { species, probabilities } = await iris.predict(flowers);
  species.forEach((name, row) => {
    const columns = names.length;
    const sure = probabilities.data.subarray(row * columns, (row + 1) * columns);
    console.log(`flower ${row}: ${name}, ${(100 * Math.max(...sure)).toFixed(0)} % sure`);
  });

  // Many at once, as they came from Python.
  const samples = await iris.held_out();
  const batch = await iris.predict(samples.flowers);
  const right = batch.species.filter((name, row) => name === samples.species[row]).length;
  console.log(`${right} of ${samples.species.length} unseen flowers are right`);
} finally {
  await iris.close();
}

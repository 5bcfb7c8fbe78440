// The second `make demo`: from the command to the first thing that Python has told it.
import { DEMO } from '../paths.mjs';
import { entrants, timed } from './parts.mjs';

export const demo = {
  name: 'demo',
  title: 'The demo to its first result',
  about:
    "From the command until the first line that tells what Python has answered; the environment is built and the example compiled. The limit is an interpreter of the demo's environment that imports of scikit-learn what the demo imports, and nothing else. A process for each turn, all cores.",
  metrics: [{ name: 'firstMs', title: 'first result', unit: 'ms', better: 'lower' }],
  reference: 'interpreter',
  opensItself: true,
  entrants: entrants(
    {
      key: 'interpreter',
      contender: 'interpreters',
      options: { module: DEMO },
      title: 'interpreter + scikit-learn',
      about:
        "an interpreter of the demo's environment, importing of scikit-learn what the demo does",
    },
    { key: 'demo', contender: 'demo' },
    {
      key: 'make-demo',
      contender: 'demo',
      options: { make: true },
      title: '`make demo`',
      about: 'the same from the command line: make looks first whether anything has to be built',
    },
  ),
  plans: {
    smoke: { rounds: 1, freshProcesses: true },
    quick: { rounds: 2, freshProcesses: true },
    full: { rounds: 15, freshProcesses: true },
  },

  async turn({ openOne }) {
    let contender;
    const firstMs = await timed(async () => {
      contender = await openOne();
    });
    await contender.close();
    return { firstMs };
  },
};

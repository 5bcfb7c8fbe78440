// What it takes to see that an environment is up to date, which every `connect()` does.
import { ENVIRONMENTS, moduleFolder, synapseInside } from '../paths.mjs';
import { entrants, timed } from './parts.mjs';

export const environment = {
  name: 'environment',
  title: 'An environment that has not changed',
  about:
    'The check that every `connect()` makes before it starts a worker: is the environment what the module asks for? No process is started.',
  metrics: [{ name: 'checkMs', title: 'check', unit: 'ms', better: 'lower' }],
  opensItself: true,
  entrants: entrants(
    { key: 'native', contender: 'synapse-native', title: 'without requirements' },
    { key: 'arrays', contender: 'synapse-arrays', title: 'with numpy' },
  ),
  plans: {
    smoke: { rounds: 1, times: 2 },
    quick: { rounds: 5, times: 20 },
    full: { rounds: 21, times: 50 },
  },

  async turn(_, { times }, { key }) {
    const { ensureEnvironment } = synapseInside(ENVIRONMENTS);
    const folder = moduleFolder(key);
    const took = await timed(async () => {
      for (let time = 0; time < times; time += 1)
        await ensureEnvironment(folder, { dialect: 'auto' });
    });
    return { checkMs: took / times };
  },
};

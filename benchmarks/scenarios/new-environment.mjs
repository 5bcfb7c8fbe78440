// What a user waits for at the first start of one more module: building its environment.
import { entrants } from './parts.mjs';

const builder = (by, title, about) => ({
  key: by,
  contender: 'environment-builder',
  options: { by },
  title,
  about,
});

export const newEnvironment = {
  name: 'new-environment',
  title: 'An environment for one more module',
  about:
    'A new module needs numpy, whose wheel is in the caches of the tools: until its environment is built. What Synapse builds is locked, has our runtime and its codec in it, and is checked at the end.',
  metrics: [{ name: 'seconds', title: 'built', unit: 's', better: 'lower' }],
  reference: 'pip',
  entrants: entrants(
    builder('pip', 'venv and pip', '`python -m venv`, then `pip install -r requirements.txt`'),
    builder('uv', 'uv', '`uv venv`, then `uv pip install -r requirements.txt`'),
    builder('synapseByUv', 'Synapse, uv', 'what `connect()` does where uv is found'),
    builder('synapseByVirtualenv', 'Synapse, virtualenv', 'what it does where there is no uv'),
  ),
  plans: {
    smoke: { rounds: 1, without: ['pip', 'synapseByVirtualenv'] },
    quick: { rounds: 1 },
    full: { rounds: 9, warm: true },
  },

  /** A first build, by which the tools have in their caches what they need. */
  async check(contender, { warm }) {
    if (warm) await (await contender.build()).remove();
  },

  async turn(contender) {
    const { seconds, remove } = await contender.build();
    await remove();
    return { seconds };
  },
};

// From nothing to the first answer: what it takes to start a worker.
import { payload } from '../payload.mjs';
import { checkEcho, entrants, timed } from './parts.mjs';

const SPAWNED = { zygote: false };

export const coldStart = {
  name: 'cold-start',
  title: 'From nothing to the first answer',
  about:
    "A contender is opened and answers one call, then it is closed; environments are built and files in the page cache. Synapse's own interpreters, importing what their worker has to, are the limit. A process for each turn, all cores.",
  metrics: [
    { name: 'firstMs', title: 'first answer', unit: 'ms', better: 'lower' },
    { name: 'openMs', title: 'open', unit: 'ms', better: 'lower' },
    { name: 'secondMs', title: 'second call', unit: 'ms', better: 'lower' },
  ],
  reference: 'interpreter',
  opensItself: true,
  entrants: entrants(
    {
      key: 'interpreter',
      contender: 'interpreters',
      options: { module: 'native' },
      title: 'interpreter + codec',
    },
    {
      key: 'interpreter-raw',
      contender: 'interpreters',
      options: { module: 'raw' },
      title: 'interpreter + msgpack',
    },
    {
      key: 'interpreter-arrays',
      contender: 'interpreters',
      options: { module: 'arrays' },
      title: 'interpreter + codec + numpy',
    },
    { key: 'synapse-native', contender: 'synapse-native' },
    {
      key: 'synapse-native-spawned',
      contender: 'synapse-native',
      options: SPAWNED,
      title: 'Synapse, native, no zygote',
    },
    {
      key: 'synapse-typed-spawned',
      contender: 'synapse-typed',
      options: SPAWNED,
      title: 'Synapse, typed, no zygote',
    },
    {
      key: 'synapse-arrays-spawned',
      contender: 'synapse-arrays',
      options: SPAWNED,
      title: 'Synapse, numpy, no zygote',
    },
    'synapse-raw',
    'hq-design',
    'python-shell-binary',
    'json-lines',
    'pythonia',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 1, freshProcesses: true },
    quick: { rounds: 2, freshProcesses: true },
    full: { rounds: 31, freshProcesses: true },
  },

  async turn({ openOne }) {
    let contender;
    const openMs = await timed(async () => {
      contender = await openOne();
    });
    const callMs = await timed(() => contender.call(payload));
    const secondMs = await timed(() => contender.call(payload));
    await checkEcho(contender);
    await contender.close();
    return { firstMs: openMs + callMs, openMs, secondMs };
  },
};

// From nothing to the first answer: what it takes to start a worker.
import { payload } from '../payload.mjs';
import { checkEcho, entrants, timed } from './parts.mjs';

const SPAWNED = { zygote: false };

export const coldStart = {
  name: 'cold-start',
  title: 'From nothing to the first answer',
  about:
    "In a Node that is already there a library is imported, a contender opened, and one call answered; then it is closed. Environments are built and files in the page cache. Synapse's own interpreters, started by the same Node and importing what their worker has to, are the limit. A process for each turn, all cores.",
  metrics: [
    { name: 'firstMs', title: 'first answer', unit: 'ms', better: 'lower' },
    { name: 'importMs', title: 'import', unit: 'ms', better: 'lower' },
    { name: 'openMs', title: 'open', unit: 'ms', better: 'lower' },
    { name: 'answerMs', title: 'answer', unit: 'ms', better: 'lower' },
    { name: 'startMs', title: 'open and answer', unit: 'ms', better: 'lower' },
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
    quick: { rounds: 3, freshProcesses: true, without: ['pythonia', 'fastapi'] },
    full: { rounds: 31, freshProcesses: true },
  },

  async turn({ load, openOne }) {
    let contender;
    const importMs = await timed(load);
    const openMs = await timed(async () => {
      contender = await openOne();
    });
    const answerMs = await timed(() => contender.call(payload));
    const secondMs = await timed(() => contender.call(payload));
    await checkEcho(contender);
    await contender.close();
    const startMs = openMs + answerMs;
    return { firstMs: importMs + startMs, importMs, openMs, answerMs, startMs, secondMs };
  },
};

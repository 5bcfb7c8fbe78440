// What a worker costs that has nothing to do: memory, wake-ups, processor time.
import { cpuMicros, descendants, memoryMb, wakeUps } from '../lane/processes.mjs';
import { checkEcho, entrants } from './parts.mjs';

const sumOf = (pids, of) => pids.reduce((sum, pid) => sum + of(pid), 0);

export const idle = {
  name: 'idle',
  title: 'A worker with nothing to do',
  about:
    'After one call nothing happens for some seconds. Memory is that of the largest Python process; wake-ups are those of all threads, in Python and in Node.',
  metrics: [
    { name: 'rssMb', title: 'resident', unit: 'MB', better: 'lower' },
    { name: 'pssMb', title: 'its share', unit: 'MB', better: 'lower' },
    { name: 'pythonWakeUps', title: 'Python wakes up', unit: '/s', better: 'lower' },
    { name: 'nodeWakeUps', title: 'Node wakes up', unit: '/s', better: 'lower' },
    { name: 'cpuMs', title: 'CPU', unit: 'ms/s', better: 'lower' },
  ],
  reference: 'interpreter',
  entrants: entrants(
    {
      key: 'interpreter',
      contender: 'interpreters',
      options: { module: 'native' },
      title: 'interpreter + codec',
    },
    {
      key: 'interpreter-arrays',
      contender: 'interpreters',
      options: { module: 'arrays' },
      title: 'interpreter + codec + numpy',
    },
    { key: 'synapse-forked', contender: 'synapse-native', title: 'Synapse, native' },
    {
      key: 'synapse-spawned',
      contender: 'synapse-native',
      options: { zygote: false },
      title: 'Synapse, native, no zygote',
    },
    {
      key: 'synapse-typed-spawned',
      contender: 'synapse-typed',
      options: { zygote: false },
      title: 'Synapse, typed, no zygote',
    },
    {
      key: 'synapse-arrays-spawned',
      contender: 'synapse-arrays',
      options: { zygote: false },
      title: 'Synapse, numpy, no zygote',
    },
    'python-shell-binary',
    'pythonia',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 1, forMs: 20, settleMs: 1 },
    quick: { rounds: 1, forMs: 500, settleMs: 200 },
    full: { rounds: 2, forMs: 8_000, settleMs: 2_000 },
  },
  check: checkEcho,

  async turn(_, { forMs, settleMs }) {
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const python = descendants(process.pid);
    const count = () => ({
      python: sumOf(python, wakeUps),
      node: wakeUps(process.pid),
      cpu: sumOf([process.pid, ...python], cpuMicros),
    });
    const before = count();
    await new Promise((resolve) => setTimeout(resolve, forMs));
    const after = count();
    const seconds = forMs / 1000;
    const memory = python.map(memoryMb).sort((a, b) => b.rss - a.rss)[0];
    return {
      rssMb: memory.rss,
      pssMb: memory.pss,
      pythonWakeUps: (after.python - before.python) / seconds,
      nodeWakeUps: (after.node - before.node) / seconds,
      cpuMs: (after.cpu - before.cpu) / 1000 / seconds,
    };
  },
};

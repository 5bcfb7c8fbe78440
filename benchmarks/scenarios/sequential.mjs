// One small call after the other: what a call costs when nothing overlaps.
import { payload } from '../payload.mjs';
import { quantile } from '../statistics.mjs';
import { checkEcho, entrants } from './parts.mjs';

export const sequential = {
  name: 'sequential',
  title: 'One small call at a time',
  about:
    'A record of 65 bytes is echoed; the next call is made when the answer is there. Both processes on one core, where neither waits for a core to wake up.',
  metrics: [
    { name: 'medianUs', title: 'median', unit: 'µs', better: 'lower' },
    { name: 'p99Us', title: 'p99', unit: 'µs', better: 'lower' },
    { name: 'nodeCpuUs', title: 'Node CPU', unit: 'µs', better: 'lower' },
    { name: 'pythonCpuUs', title: 'Python CPU', unit: 'µs', better: 'lower' },
  ],
  reference: 'raw-fifo',
  pinned: true,
  countsCpu: true,
  entrants: entrants(
    'raw-fifo',
    'raw-stdio',
    'synapse-native',
    'synapse-typed',
    'synapse-raw',
    'synapse-stdio',
    'hq-design',
    'msgpack-pair',
    'python-shell-binary',
    'python-shell-json',
    'json-lines',
    'pythonia',
    'node-calls-python',
    'node-calls-python-sync',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 2, warmUpMs: 1, turnMs: 5 },
    quick: { rounds: 10, warmUpMs: 800, turnMs: 50 },
    full: { rounds: 60, warmUpMs: 3_000, turnMs: 100 },
  },
  check: checkEcho,

  async turn(contender, { turnMs }) {
    const latencies = [];
    const end = performance.now() + turnMs;
    for (let now = performance.now(); now < end; ) {
      await contender.call(payload);
      const then = performance.now();
      latencies.push((then - now) * 1000);
      now = then;
    }
    return {
      medianUs: quantile(latencies, 0.5),
      p99Us: quantile(latencies, 0.99),
      calls: latencies.length,
    };
  },
};

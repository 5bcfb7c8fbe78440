// A small call through a pool of 64 workers that are mostly idle.
import { sequential } from './sequential.mjs';

export const idlePool = {
  ...sequential,
  name: 'idle-pool',
  title: 'A small call among idle workers',
  about:
    'The same small call, one at a time, on one core: through a pool of 64 workers, and through a worker of its own beside 64 idle ones of another client.',
  metrics: sequential.metrics.slice(0, 2),
  countsCpu: false,
  reference: 'one',
  entrants: [
    { key: 'one', contender: 'synapse-native', title: 'one worker' },
    {
      key: 'pool-64',
      contender: 'synapse-native',
      title: 'a pool of 64 workers',
      options: { workers: 64 },
    },
    {
      key: 'beside-64',
      contender: 'synapse-beside-idle',
      title: 'one worker beside 64 idle ones',
      options: { idle: 64 },
    },
  ],
  plans: {
    smoke: { rounds: 1, warmUpMs: 1, turnMs: 5 },
    quick: { rounds: 10, warmUpMs: 800, turnMs: 50 },
    full: { rounds: 60, warmUpMs: 3_000, turnMs: 100 },
  },
};

// Bytes that are already bytes, from 64 KiB to 1 GiB: up, down and there and back.
import { watchTurns } from '../lane/turns.mjs';
import { quantile } from '../statistics.mjs';
import { entrants, expectSame } from './parts.mjs';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
/** Those of which a short run has no time to see more than once how slow they are. */
const SLOW = ['msgpack-pair', 'python-shell-binary', 'node-calls-python', 'fastapi'];

const ALL = entrants(
  'raw-buffers',
  'raw-segments',
  'synapse-native',
  'synapse-typed',
  'synapse-arrays',
  'synapse-stdio',
  'hq-design',
  'hq-design-as-it-is',
  'msgpack-pair',
  'python-shell-binary',
  'node-calls-python',
  'fastapi',
);
/** At a gigabyte only those for which it is not hopeless. */
const LARGEST = entrants(
  'raw-buffers',
  'raw-segments',
  'synapse-native',
  'synapse-arrays',
  'fastapi',
);

/** Median milliseconds of as many repetitions as fit into the time, at least one. */
async function repeated(doing, forMs) {
  const taken = [];
  const end = performance.now() + forMs;
  do {
    const began = performance.now();
    await doing();
    taken.push(performance.now() - began);
  } while (performance.now() < end);
  return quantile(taken, 0.5);
}

function buffersOf(size, label, { entrants: who = ALL, quick, full, smoke }) {
  const gigabytes = size / 1e9;
  let bytes;
  return {
    name: `buffers-${label.replace(' ', '').toLowerCase()}`,
    title: `Large buffers: ${label}`,
    group: 'Large buffers',
    size,
    label,
    about: `${label} of bytes go up as an argument, come down as a result, and go both ways in one call, all cores. GB/s of bytes moved: an echo moves them twice.`,
    metrics: [
      { name: 'echoGbs', title: 'echo', unit: 'GB/s', better: 'higher' },
      { name: 'upGbs', title: 'up', unit: 'GB/s', better: 'higher' },
      { name: 'downGbs', title: 'down', unit: 'GB/s', better: 'higher' },
      { name: 'turnMs', title: 'longest turn', unit: 'ms', better: 'lower' },
    ],
    reference: 'raw-buffers',
    entrants: who,
    plans: { smoke, quick, full },
    async check(contender) {
      bytes = new Uint8Array(size).fill(7);
      expectSame(await contender.sendBytes(bytes), size);
      const fetched = await contender.fetchBytes(size);
      expectSame([fetched.length, fetched[0], fetched.at(-1)], [size, 0, 0]);
      const echoed = await contender.echoBytes(bytes);
      expectSame([echoed.length, echoed[0], echoed.at(-1)], [size, 7, 7]);
    },

    async turn(contender, { turnMs }) {
      globalThis.gc?.();
      const upMs = await repeated(() => contender.sendBytes(bytes), turnMs);
      const downMs = await repeated(() => contender.fetchBytes(size), turnMs);
      const echoMs = await repeated(() => contender.echoBytes(bytes), turnMs);
      const stop = watchTurns();
      await contender.echoBytes(bytes);
      const longest = stop();
      return {
        echoGbs: (2 * gigabytes * 1000) / echoMs,
        upGbs: (gigabytes * 1000) / upMs,
        downGbs: (gigabytes * 1000) / downMs,
        turnMs: longest,
      };
    },
  };
}

const small = { full: { rounds: 21, warmUpMs: 200, turnMs: 60 } };
const large = { full: { rounds: 11, warmUpMs: 1, turnMs: 60 } };

export const largeBuffers = [
  buffersOf(64 * KIB, '64 KiB', {
    ...small,
    smoke: { rounds: 1, turnMs: 1 },
    quick: { rounds: 5, warmUpMs: 60, turnMs: 15 },
  }),
  buffersOf(256 * KIB, '256 KiB', small),
  buffersOf(MIB, '1 MiB', { ...small, quick: { rounds: 5, warmUpMs: 60, turnMs: 15 } }),
  buffersOf(4 * MIB, '4 MiB', small),
  buffersOf(16 * MIB, '16 MiB', { ...large, quick: { rounds: 5, turnMs: 1, without: SLOW } }),
  buffersOf(64 * MIB, '64 MiB', {
    ...large,
    quick: {
      rounds: 5,
      turnMs: 1,
      without: [...SLOW, 'synapse-stdio', 'hq-design', 'hq-design-as-it-is'],
    },
  }),
  buffersOf(GIB, '1 GiB', {
    entrants: LARGEST,
    full: { rounds: 2, turnMs: 1, freshProcesses: true },
  }),
];

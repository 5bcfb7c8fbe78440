// 64 small calls at any time: what overlap gains, and how long the event loop is kept busy in one turn.
import { watchTurns } from '../lane/turns.mjs';
import { payload } from '../payload.mjs';
import { checkEcho, entrants } from './parts.mjs';

const IN_FLIGHT = 64;

/** 64 callers, each making its next call when it has its answer. */
async function keepInFlight(contender, forMs) {
  const end = performance.now() + forMs;
  let calls = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await contender.call(payload);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return calls;
}

/** 64 calls made together and waited for together, again and again. */
async function inBursts(contender, forMs) {
  const end = performance.now() + forMs;
  let calls = 0;
  while (performance.now() < end) {
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => contender.call(payload)));
    calls += IN_FLIGHT;
  }
  return calls;
}

/** Resolves to how many calls one way of making them made, and how many that is in a second. */
async function rated(way, contender, forMs) {
  const began = performance.now();
  const calls = await way(contender, forMs);
  return { calls, perSecond: (calls * 1000) / (performance.now() - began) };
}

export const inFlight = {
  name: 'in-flight',
  title: '64 small calls in flight',
  about:
    'The same record, one worker, all cores. 64 callers each make their next call when they have their answer; then bursts of 64 that are waited for together. The longest turn of the event loop is watched in runs of their own.',
  metrics: [
    { name: 'perSecond', title: '64 callers', unit: 'calls/s', better: 'higher' },
    { name: 'burstPerSecond', title: 'bursts of 64', unit: 'calls/s', better: 'higher' },
    { name: 'turnMs', title: 'longest turn', unit: 'ms', better: 'lower' },
    { name: 'nodeCpuUs', title: 'Node CPU', unit: 'µs', better: 'lower' },
    { name: 'pythonCpuUs', title: 'Python CPU', unit: 'µs', better: 'lower' },
  ],
  reference: 'raw-stdio-apart',
  countsCpu: true,
  entrants: entrants(
    'raw-fifo',
    'raw-stdio',
    'raw-stdio-apart',
    'synapse-native',
    'synapse-typed',
    'synapse-raw',
    'synapse-stdio',
    'hq-design',
    'msgpack-pair',
    'python-shell-binary',
    'python-shell-binary-apart',
    'python-shell-json',
    'json-lines',
    'pythonia',
    'node-calls-python',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 2, warmUpMs: 1, turnMs: 5 },
    quick: {
      rounds: 8,
      warmUpMs: 800,
      turnMs: 80, // a scheduler that has put both processes on one core takes some 10 ms to see it
      without: ['synapse-raw', 'python-shell-json', 'pythonia', 'node-calls-python', 'fastapi'],
    },
    full: { rounds: 60, warmUpMs: 3_000, turnMs: 80 },
  },
  check: checkEcho,

  async turn(contender, { turnMs }) {
    const callers = await rated(keepInFlight, contender, turnMs);
    const bursts = await rated(inBursts, contender, turnMs);
    const stop = watchTurns();
    const watched = await keepInFlight(contender, turnMs / 2);
    return {
      perSecond: callers.perSecond,
      burstPerSecond: bursts.perSecond,
      turnMs: stop(),
      calls: callers.calls + bursts.calls + watched,
    };
  },
};

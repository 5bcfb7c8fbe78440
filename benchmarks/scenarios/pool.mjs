// Work of 5 ms in plain Python on two workers: what the bridge costs when Python is busy, and how evenly callers are served.
import { quantile } from '../statistics.mjs';
import { entrants, timed } from './parts.mjs';

const WORKERS = 2;
const CALLERS = 4;
const WORK_MS = 5;
const WARM_UP_TURN_MS = 50;

/** The metrics of a turn, from what each caller waited for each of its calls. */
function fromLatencies(byCaller, wholeMs) {
  const all = byCaller.flat();
  const counts = byCaller.map((one) => one.length);
  const p50 = quantile(all, 0.5);
  const p99 = quantile(all, 0.99);
  return {
    perSecond: (all.length * 1000) / wholeMs,
    p50Ms: p50,
    p99OverP50: p99 / p50,
    fairness: Math.min(...counts) / Math.max(...counts),
  };
}

async function callers(contender, rounds, forMs) {
  const byCaller = Array.from({ length: CALLERS }, () => []);
  const end = performance.now() + forMs;
  const wholeMs = await timed(() =>
    Promise.all(
      byCaller.map(async (latencies) => {
        while (performance.now() < end) latencies.push(await timed(() => contender.spin(rounds)));
      }),
    ),
  );
  return fromLatencies(byCaller, wholeMs);
}

export const pool = {
  name: 'pool',
  title: 'Work of 5 ms on two workers',
  about:
    'A loop in plain Python that takes 5 ms alone; four callers, each with its next call when it has its answer; two workers on two cores, warmed up by calls without work. Fairness is the calls of the caller that got fewest over those of the one that got most.',
  metrics: [
    { name: 'perSecond', title: 'calls', unit: 'calls/s', better: 'higher' },
    { name: 'p50Ms', title: 'p50', unit: 'ms', better: 'lower' },
    { name: 'p99OverP50', title: 'p99 / p50', unit: '×', better: 'lower' },
    { name: 'fairness', title: 'fairness', unit: '', better: 'higher' },
  ],
  reference: 'no-bridge',
  workers: WORKERS,
  workMs: WORK_MS,
  entrants: entrants(
    'no-bridge',
    'synapse-native',
    'synapse-typed',
    'python-shell-pool',
    'pythonia',
    'node-calls-python',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 1, turnMs: 50 },
    quick: {
      rounds: 4,
      warmUpMs: 500,
      turnMs: 700,
      without: ['pythonia', 'node-calls-python', 'fastapi'],
    },
    full: { rounds: 11, warmUpMs: 2_000, turnMs: 3_000 },
  },

  /** Nearly no work: as many calls as a pool has had that was in use for a while. */
  async warmUp(contender) {
    const isCalled = contender.spinAlone === undefined;
    if (isCalled) await callers(contender, 1, WARM_UP_TURN_MS);
    return isCalled;
  },

  async turn(contender, { turnMs, spinRounds }) {
    if (contender.spinAlone === undefined) return callers(contender, spinRounds, turnMs);
    const byProcess = await contender.spinAlone(spinRounds, turnMs);
    const rates = byProcess.map(
      (taken) => (taken.length * 1000) / taken.reduce((sum, ms) => sum + ms, 0),
    );
    return {
      ...fromLatencies(byProcess, turnMs),
      perSecond: rates.reduce((sum, rate) => sum + rate, 0),
    };
  },
};

// What is wanted, against what a run measured. A goal whose scenario or contender a run lacks is left out; where a
// contender failed the goal is missed.
import { Reader } from './reader.mjs';
import { figure } from './tables.mjs';

const atMost = (limit, unit = '') => ({
  wanted: `≤ ${limit.toLocaleString('en')}${unit}`,
  unit,
  holds: (got) => got <= limit,
});
const atLeast = (limit, unit = '') => ({
  wanted: `≥ ${limit.toLocaleString('en')}${unit}`,
  unit,
  holds: (got) => got >= limit,
});

const GOALS = [
  [
    'small call against the raw FIFO',
    atMost(2.5, '×'),
    (run) => run.ratio('sequential', 'synapse-native', 'raw-fifo', 'medianUs'),
  ],
  [
    'its p99 against that of the raw FIFO',
    atMost(4, '×'),
    (run) => run.ratio('sequential', 'synapse-native', 'raw-fifo', 'p99Us'),
  ],
  [
    'over stdio',
    atMost(3.2, '×'),
    (run) => run.ratio('sequential', 'synapse-stdio', 'raw-fifo', 'medianUs'),
  ],
  [
    '64 in flight against raw stdio, unbatched',
    atLeast(0.9, '×'),
    (run) => run.ratio('in-flight', 'synapse-native', 'raw-stdio-apart', 'perSecond'),
  ],
  [
    '64 in flight against the hq-synapse design',
    atLeast(12, '×'),
    (run) => run.ratio('in-flight', 'synapse-native', 'hq-design', 'perSecond'),
  ],
  [
    '64 in flight against python-shell, unbatched',
    atLeast(1.6, '×'),
    (run) => run.ratio('in-flight', 'synapse-native', 'python-shell-binary-apart', 'perSecond'),
  ],
  [
    'the same with replies written together',
    atLeast(1.6, '×'),
    (run) => run.ratio('in-flight', 'synapse-native', 'python-shell-binary', 'perSecond'),
  ],
  [
    'longest turn with 64 in flight',
    atMost(3, ' ms'),
    (run) => run.value('in-flight', 'synapse-native', 'turnMs'),
  ],
  [
    'items of a stream a second',
    atLeast(1_000_000, ''),
    (run) => run.value('stream', 'synapse-native', 'perSecond'),
  ],
  [
    'the same, typed',
    atLeast(1_000_000, ''),
    (run) => run.value('stream', 'synapse-typed', 'perSecond'),
  ],
  [
    'first item against a call',
    atMost(1.5, '×'),
    (run) => run.value('first-item', 'synapse-native', 'timesCall'),
  ],
  [
    '100,000 records against MessagePack libraries',
    atMost(0.7, '×'),
    (run) => run.ratio('records', 'synapse-native', 'msgpack-pair', 'bothMs'),
  ],
  [
    'the same as columns',
    atMost(0.35, '×'),
    (run) => run.ratio('records', 'synapse-columns', 'msgpack-pair', 'bothMs'),
  ],
  [
    'the same where Python keeps the columns',
    atMost(0.35, '×'),
    (run) => run.ratio('records', 'synapse-columns-kept', 'msgpack-pair', 'bothMs'),
  ],
  [
    'longest turn while they are decoded',
    atMost(25, ' ms'),
    (run) => run.value('records', 'synapse-native', 'downTurnMs'),
  ],
  [
    '16 MiB echo against the hq-synapse design',
    atLeast(6, '×'),
    (run) => run.ratio('buffers-16mib', 'synapse-native', 'hq-design', 'echoGbs'),
  ],
  [
    'the same against that design as it is',
    atLeast(6, '×'),
    (run) => run.ratio('buffers-16mib', 'synapse-native', 'hq-design-as-it-is', 'echoGbs'),
  ],
  [
    '64 MiB up',
    atLeast(2, ' GB/s'),
    (run) => run.value('buffers-64mib', 'synapse-native', 'upGbs'),
  ],
  [
    '64 MiB down',
    atLeast(0.8, ' GB/s'),
    (run) => run.value('buffers-64mib', 'synapse-native', 'downGbs'),
  ],
  [
    'longest turn at 64 MiB',
    atMost(10, ' ms'),
    (run) => run.value('buffers-64mib', 'synapse-native', 'turnMs'),
  ],
  [
    'cold worker, typed, over its interpreter',
    atMost(20, ' ms'),
    (run) => run.difference('cold-start', 'synapse-typed-spawned', 'interpreter', 'startMs'),
  ],
  [
    'cold worker, raw, over its interpreter',
    atMost(8, ' ms'),
    (run) => run.difference('cold-start', 'synapse-raw', 'interpreter-raw', 'startMs'),
  ],
  [
    'second `make demo` against importing scikit-learn',
    atMost(1.3, '×'),
    (run) => run.ratio('demo', 'make-demo', 'interpreter', 'firstMs'),
  ],
  [
    'unchanged environment',
    atMost(2, ' ms'),
    (run) => run.value('environment', 'native', 'checkMs'),
  ],
  [
    'a worker in the place of another',
    atMost(10, ' ms'),
    (run) => run.value('replacement', 'synapse-forked', 'answerMs'),
  ],
  [
    'one more worker for a call that waits',
    atMost(10, ' ms'),
    (run) => run.value('scale-up', 'synapse-forked', 'answerMs'),
  ],
  [
    '5 ms on two workers against no bridge',
    atLeast(0.95, '×'),
    (run) => run.ratio('pool', 'synapse-native', 'no-bridge', 'perSecond'),
  ],
  [
    'its p99 against its p50',
    atMost(1.3, '×'),
    (run) => run.value('pool', 'synapse-native', 'p99OverP50'),
    (run) => run.beside('pool', 'no-bridge', 'p99OverP50', '×'),
  ],
  ['fairness', atLeast(0.9, ''), (run) => run.value('pool', 'synapse-native', 'fairness')],
  [
    'small call through a pool of 64',
    atMost(1.1, '×'),
    (run) => run.ratio('idle-pool', 'pool-64', 'one', 'medianUs'),
  ],
  [
    'memory of a worker over its interpreter',
    atMost(12, ' MB'),
    (run) => run.difference('idle', 'synapse-spawned', 'interpreter', 'rssMb'),
  ],
  ['core and client, gzip', atMost(15, ' KB'), (run) => run.value('bundle', 'browser', 'gzipKb')],
];

const told = (got, unit, beside) =>
  Number.isNaN(got) ? 'failed' : `${figure(got)}${unit}${beside}`;

/** Each goal that the run can say something about: `{ title, wanted, got, met }`. */
export function goals(result) {
  const run = new Reader(result);
  return GOALS.flatMap(([title, { wanted, unit, holds }, measure, beside = () => '']) => {
    const got = measure(run);
    return got === undefined
      ? []
      : [{ title, wanted, got: told(got, unit, beside(run)), met: holds(got) }];
  });
}

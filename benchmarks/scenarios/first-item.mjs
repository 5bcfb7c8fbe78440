// How soon the first item of a stream is there, and what a stream of one item costs against a call.
import { payload } from '../payload.mjs';
import { quantile } from '../statistics.mjs';
import { entrants, expectSame } from './parts.mjs';

export const firstItem = {
  name: 'first-item',
  title: 'The first item of a stream',
  about:
    'A stream of one item, opened and read to its end, again and again, in turns with a small call. Both processes on one core.',
  metrics: [
    { name: 'firstUs', title: 'first item', unit: 'µs', better: 'lower' },
    { name: 'wholeUs', title: 'to its end', unit: 'µs', better: 'lower' },
    { name: 'callUs', title: 'a call', unit: 'µs', better: 'lower' },
    { name: 'timesCall', title: 'first item × call', unit: '×', better: 'lower' },
  ],
  reference: 'raw-fifo',
  pinned: true,
  entrants: entrants(
    'raw-fifo',
    'synapse-native',
    'synapse-typed',
    'json-lines',
    'python-shell-json',
    'pythonia',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 2, warmUpMs: 1, turnMs: 5 },
    quick: { rounds: 7, warmUpMs: 600, turnMs: 40, without: ['fastapi'] },
    full: { rounds: 30, warmUpMs: 2_000, turnMs: 100 },
  },
  async check(contender) {
    const items = [];
    for await (const item of contender.produce(1)) items.push(item);
    expectSame(items, [0]);
  },

  async turn(contender, { turnMs }) {
    const firsts = [];
    const wholes = [];
    const calls = [];
    const end = performance.now() + turnMs;
    while (performance.now() < end) {
      const began = performance.now();
      for await (const _ of contender.produce(1)) firsts.push((performance.now() - began) * 1000);
      wholes.push((performance.now() - began) * 1000);
      const called = performance.now();
      await contender.call(payload);
      calls.push((performance.now() - called) * 1000);
    }
    const [firstUs, wholeUs, callUs] = [firsts, wholes, calls].map((all) => quantile(all, 0.5));
    return { firstUs, wholeUs, callUs, timesCall: firstUs / callUs };
  },
};

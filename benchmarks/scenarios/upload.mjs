// Small items into a Python function, out of an iterable of Node.
import { entrants, expectSame, paceOf } from './parts.mjs';

function* numbers(count) {
  for (let number = 0; number < count; number += 1) yield number;
}

export const upload = {
  name: 'upload',
  title: 'An upload of small items',
  about:
    'A generator of whole numbers in Node is an argument that Python reads one by one, all cores. What has no streams sends lines of JSON, of which Python decodes each; the limit writes four bytes a number, of which nothing is decoded.',
  metrics: [
    { name: 'perSecond', title: 'items', unit: 'items/s', better: 'higher' },
    { name: 'turnMs', title: 'longest turn', unit: 'ms', better: 'lower' },
  ],
  reference: 'raw-fifo',
  entrants: entrants(
    'raw-fifo',
    'synapse-native',
    'synapse-typed',
    'synapse-stdio',
    'python-shell-json',
    'json-lines',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 2, items: 500 },
    quick: { rounds: 5, warmUpMs: 400, items: 50_000 },
    full: { rounds: 21, warmUpMs: 2_000, items: 500_000 },
  },
  async check(contender) {
    expectSame(await contender.consume(numbers(1_000)), 1_000);
  },

  async turn(contender, { items }) {
    return paceOf(items, () => contender.consume(numbers(items)));
  },
};

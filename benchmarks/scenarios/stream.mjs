// Small items out of a Python generator, through `for await`.
import { entrants, expectSame, paceOf } from './parts.mjs';

async function readAll(stream) {
  let sum = 0;
  for await (const item of stream) sum += item;
  return sum;
}

export const stream = {
  name: 'stream',
  title: 'A stream of small items',
  about:
    'A Python generator of whole numbers, read with `for await`, all cores. What has no streams sends lines of JSON; the limit writes four bytes a number, of which nothing is decoded.',
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
    'pythonia',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 2, items: 500, fewItems: 5 },
    quick: { rounds: 7, warmUpMs: 500, items: 100_000, fewItems: 500, without: ['fastapi'] },
    full: { rounds: 21, warmUpMs: 2_000, items: 500_000, fewItems: 2_000 },
  },
  async check(contender) {
    expectSame(await readAll(contender.produce(1_000)), 499_500);
  },

  async turn(contender, { items, fewItems }) {
    const count = contender.isSlow ? fewItems : items;
    return paceOf(count, () => readAll(contender.produce(count)));
  },
};

// Many small records in one message, each way.
import { watchTurns } from '../lane/turns.mjs';
import { makeRecords } from '../payload.mjs';
import { entrants, expectSame, timed } from './parts.mjs';

let made;
/** The records are made once: what is measured is how they travel. */
const recordsOf = (count) => {
  if (made?.length !== count) made = makeRecords(count);
  return made;
};

export const records = {
  name: 'records',
  title: 'Many small records in one message',
  about:
    'An array of records of four fields goes up as one argument and comes down as one result, all cores. The longest turn of the event loop is that of each way.',
  metrics: [
    { name: 'bothMs', title: 'both ways', unit: 'ms', better: 'lower' },
    { name: 'upMs', title: 'up', unit: 'ms', better: 'lower' },
    { name: 'downMs', title: 'down', unit: 'ms', better: 'lower' },
    { name: 'upTurnMs', title: 'longest turn up', unit: 'ms', better: 'lower' },
    { name: 'downTurnMs', title: 'longest turn down', unit: 'ms', better: 'lower' },
  ],
  reference: 'msgpack-pair',
  entrants: entrants(
    'synapse-native',
    'synapse-sliced',
    'synapse-typed',
    'synapse-columns',
    'synapse-columns-kept',
    'synapse-raw',
    'msgpack-pair',
    'python-shell-binary',
    'python-shell-json',
    'json-lines',
    'pythonia',
    'node-calls-python',
    'fastapi',
  ),
  plans: {
    smoke: { rounds: 1, count: 100 },
    quick: {
      rounds: 5,
      count: 100_000,
      without: ['python-shell-json', 'pythonia', 'node-calls-python', 'fastapi'],
    },
    full: { rounds: 15, count: 100_000 },
  },
  async check(contender) {
    const count = 1_000;
    expectSame(await contender.sendRecords(recordsOf(count)), count);
    const fetched = await contender.fetchRecords(count);
    expectSame([fetched.length, fetched.at(-1)], [count, recordsOf(count).at(-1)]);
  },

  async turn(contender, { count }) {
    const all = recordsOf(count);
    globalThis.gc?.();
    const stopUp = watchTurns();
    const upMs = await timed(() => contender.sendRecords(all));
    const upTurnMs = stopUp();
    globalThis.gc?.();
    const stopDown = watchTurns();
    const downMs = await timed(() => contender.fetchRecords(count));
    return { bothMs: upMs + downMs, upMs, downMs, upTurnMs, downTurnMs: stopDown() };
  },
};

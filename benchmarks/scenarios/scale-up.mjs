// One more worker because a call waits.
import { entrants, expectSame, timed } from './parts.mjs';

/** How long a worker is kept from answering anything else, in seconds: longer than any start. */
const OCCUPIED_SECONDS = 30;
const POLL_MS = 5;
const ELASTIC = { workers: { min: 1, max: 2, idleTimeoutMs: 20 } };

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when the pool has no more workers than it must have. */
async function untilOneIsLeft(client) {
  while (client.workers.length > 1) await pause(POLL_MS);
}

/** Keeps the only worker busy and takes the time until a call that waits is answered by another. */
async function callWhileBusy({ client }) {
  await untilOneIsLeft(client);
  const occupation = new AbortController();
  const [busy] = client.workers;
  const occupied = client
    .call('rest', [OCCUPIED_SECONDS], undefined, { signal: occupation.signal })
    .catch(() => {});
  await pause(POLL_MS);
  let answered;
  const answerMs = await timed(async () => {
    answered = await client.call('pid');
  });
  occupation.abort();
  await occupied;
  expectSame(answered === busy.pid, false);
  return answerMs;
}

export const scaleUp = {
  name: 'scale-up',
  title: 'One more worker',
  about:
    'The only worker of a pool that may have two is busy; taken is the time from a call that has to wait until another worker has answered it. The limit is a warm process that forks and has nothing else to do.',
  metrics: [{ name: 'answerMs', title: 'answer', unit: 'ms', better: 'lower' }],
  reference: 'fork-server',
  entrants: entrants(
    'fork-server',
    {
      key: 'synapse-forked',
      contender: 'synapse-native',
      options: ELASTIC,
      title: 'Synapse, forked',
    },
    {
      key: 'synapse-forked-numpy',
      contender: 'synapse-arrays',
      options: ELASTIC,
      title: 'Synapse with numpy, forked',
    },
    {
      key: 'synapse-spawned',
      contender: 'synapse-native',
      options: { ...ELASTIC, zygote: false },
      title: 'Synapse, spawned',
    },
  ),
  plans: {
    smoke: { rounds: 1 },
    quick: { rounds: 15 },
    full: { rounds: 41 },
  },

  async turn(contender) {
    if (contender.startWorker === undefined) return { answerMs: await callWhileBusy(contender) };
    return { answerMs: await timed(contender.startWorker) };
  },
};

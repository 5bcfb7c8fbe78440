// A worker in the place of one that died.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { entrants, timed } from './parts.mjs';

const PATIENCE_MS = 10_000;
/** More ends in ten seconds than a pool takes for an accident: here they are wanted. */
const OFTEN = { restarts: { max: 1_000 } };

/** Kills the worker and calls until another answers. */
async function replaceWorker(client) {
  const pid = await client.call('pid');
  process.kill(pid, 'SIGKILL');
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const answer = await client.call('pid').catch(() => pid);
    if (answer !== pid) return;
    await nextTurn(); // refusals may be immediate, and nothing else would happen between them
  }
  throw new Error('No worker came in the place of the one that was killed.');
}

export const replacement = {
  name: 'replacement',
  title: 'A worker in the place of another',
  about:
    'The worker is killed with SIGKILL; taken is the time until the one in its place has answered a call. The limit is a warm process that forks and has nothing else to do.',
  metrics: [{ name: 'answerMs', title: 'next answer', unit: 'ms', better: 'lower' }],
  reference: 'fork-server',
  entrants: entrants(
    'fork-server',
    {
      key: 'synapse-forked',
      contender: 'synapse-native',
      options: OFTEN,
      title: 'Synapse, forked',
    },
    {
      key: 'synapse-forked-numpy',
      contender: 'synapse-arrays',
      options: OFTEN,
      title: 'Synapse with numpy, forked',
    },
    {
      key: 'synapse-spawned',
      contender: 'synapse-native',
      options: { ...OFTEN, zygote: false },
      title: 'Synapse, spawned',
    },
  ),
  plans: {
    smoke: { rounds: 1 },
    quick: { rounds: 21 },
    full: { rounds: 41 },
  },

  async turn(contender) {
    const replace = contender.startWorker ?? (() => replaceWorker(contender.client));
    return { answerMs: await timed(replace) };
  },
};

/**
 * How long Python code goes on after its call was aborted in Node: from `abort()` to the exception, by
 * the one clock that both processes read. The goal is 5 ms.
 *
 *   node benchmarks/cancel/run.mjs [--python PYTHON] [--rounds 100]
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLIENT_STARTS, LAUNCHES, ROOT, synapseInside } from '../paths.mjs';
import { prepareInside } from '../prepare.mjs';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: join(ROOT, '.venv/bin/python') },
    rounds: { type: 'string', default: '100' },
  },
});
const rounds = Number(values.rounds);

// Without an environment of its own for the module: what is measured is the worker.
await prepareInside(CLIENT_STARTS);
await prepareInside(LAUNCHES);
const { startClient } = synapseInside(CLIENT_STARTS);
const { spawnSpec } = synapseInside(LAUNCHES);

const directory = join(import.meta.dirname, 'module');
const module = { name: 'cancel', directory, entrypoint: 'main.py', dialect: 'native' };
const script = join(ROOT, 'python_side/synapse_worker/worker/launch.py');
const spec = spawnSpec({ python: values.python, script }, module, {});
const client = await startClient(spec, module, { workers: 1, onLog() {} });

/** Starts a call, aborts it once it waits, and returns how long Python needed to notice, in ms. */
async function latency(method, args, beside) {
  const stop = new AbortController();
  let waits;
  const waiting = new Promise((resume) => {
    waits = resume;
  });
  const call = client.call(method, args, {}, { signal: stop.signal, onProgress: waits });
  const ended = call.catch(() => undefined);
  await waiting;
  const busy = beside?.();
  await new Promise((resume) => setTimeout(resume, 2 + 3 * Math.random()));
  const abortedNs = process.hrtime.bigint();
  stop.abort();
  await ended;
  await busy;
  const hitNs = await client.call('when_hit');
  return Number(BigInt(hitNs) - abortedNs) / 1e6;
}

const rows = [];
for (const way of await client.call('ways')) {
  const taken = [];
  const beside = way === 'asyncio_sleep_beside_c' ? () => client.call('in_c') : undefined;
  const count = beside === undefined ? rounds : Math.min(rounds, 10);
  for (let round = 0; round < count; round += 1) {
    const isAsync = way.startsWith('asyncio');
    taken.push(await latency(isAsync ? 'wait_async' : 'wait', isAsync ? [] : [way], beside));
  }
  taken.sort((a, b) => a - b);
  const at = (share) => taken[Math.min(count - 1, Math.floor(count * share))].toFixed(2);
  rows.push({ way, 'median ms': at(0.5), 'p99 ms': at(0.99), 'max ms': at(1) });
}
console.table(rows);
await client.close();

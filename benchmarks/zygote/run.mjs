/**
 * What the zygote is worth: how long a worker takes to be there, from the first and from a later start,
 * and how much memory workers have for themselves, forked and spawned in one run.
 *
 *   node benchmarks/zygote/run.mjs [--python PYTHON] [--rounds 50] [--workers 8]
 *
 * PYTHON is an interpreter that has numpy (and scikit-learn, where that is to be measured too).
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLIENT_STARTS, LAUNCHES, ROOT, synapseInside } from '../paths.mjs';
import { prepareInside } from '../prepare.mjs';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: join(ROOT, '.venv/bin/python') },
    rounds: { type: 'string', default: '50' },
    workers: { type: 'string', default: '8' },
  },
});
const rounds = Number(values.rounds);
const workers = Number(values.workers);

// Without an environment of its own for each module: what is measured is the start of workers.
await prepareInside(CLIENT_STARTS);
await prepareInside(LAUNCHES);
const { startClient } = synapseInside(CLIENT_STARTS);
const { spawnSpec } = synapseInside(LAUNCHES);

const MODULES = {
  'standard library': '',
  numpy: 'import numpy\n',
  'scikit-learn': 'import sklearn.ensemble, sklearn.linear_model\n',
};

function start(directory, zygote, count) {
  const module = { name: 'warm', directory, entrypoint: 'main.py', dialect: 'native' };
  const launch = {
    python: values.python,
    script: join(ROOT, 'python_side/synapse_worker/worker/launch.py'),
  };
  return startClient(spawnSpec(launch, module, {}), module, { workers: count, zygote, onLog() {} });
}

/** Milliseconds from the death of a worker to the first answer of the one in its place. */
async function replacements(client) {
  const taken = [];
  for (let round = 0; round < rounds; round += 1) {
    const pid = await client.call('pid');
    process.kill(pid, 'SIGKILL');
    const begin = performance.now();
    for (;;) {
      const answer = await client.call('pid').catch(() => pid);
      if (answer !== pid) break;
    }
    taken.push(performance.now() - begin);
  }
  return taken.sort((a, b) => a - b);
}

function memoryOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) / 1024;
  return { rss: field('Rss'), pss: field('Pss') };
}

const mb = (value) => `${value.toFixed(1)} MB`;
const ms = (value) => `${value.toFixed(1)} ms`;
const at = (sorted, part) => sorted[Math.floor((sorted.length - 1) * part)];

console.log(
  `Node ${process.versions.node}, ${values.python}; ${rounds} replacements, ${workers} workers`,
);
for (const [name, imports] of Object.entries(MODULES)) {
  const check = spawnSync(values.python, ['-c', imports || 'pass']);
  if (check.status !== 0) {
    console.log(`\n${name}: not installed`);
    continue;
  }
  const directory = mkdtempSync(join(tmpdir(), 'synapse-zygote-'));
  writeFileSync(
    join(directory, 'main.py'),
    `${imports}import os\nfrom synapse_worker import Module\n\napp = Module()\n\n\n@app.method\ndef pid():\n    return os.getpid()\n`,
  );
  console.log(`\n${name}`);
  for (const zygote of [false, true, false, true]) {
    const began = performance.now();
    const one = await start(directory, zygote, 1);
    await one.call('pid');
    const first = performance.now() - began;
    const replaced = await replacements(one);
    await one.close();
    const many = await start(directory, zygote, workers);
    const { state, reason, pid } = many.stats().zygote;
    const memory = many.workers.map((worker) => memoryOf(worker.pid));
    const sum = memory.reduce((total, { pss }) => total + pss, 0);
    const whole = sum + (state === 'ready' ? memoryOf(pid).pss : 0);
    await many.close();
    console.log(
      `  ${state === 'ready' ? 'forked ' : 'spawned'}  first answer ${ms(first)}; replacement p50 ${ms(at(replaced, 0.5))}, ` +
        `p95 ${ms(at(replaced, 0.95))}; a worker's RSS ${mb(memory[0].rss)}, PSS ${mb(sum / workers)}; all of it ${mb(whole)}` +
        (reason === undefined ? '' : ` (${reason})`),
    );
  }
  rmSync(directory, { recursive: true });
}

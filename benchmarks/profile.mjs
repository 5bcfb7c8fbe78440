/**
 * Where the time of a scenario goes, by function: a sampling profile of Node, and of Python where py-spy is found.
 *
 *   node benchmarks/profile.mjs sequential synapse-native [--seconds 4] [--top 25] [--py-spy PATH]
 *
 * Shares are of the samples in which something ran; waiting is told apart.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { loadContender } from './contenders/index.mjs';
import { cpuMicros, descendants } from './lane/processes.mjs';
import { peerInterpreter, ROOT } from './paths.mjs';
import { prepareClients, prepareEnvironments } from './prepare.mjs';
import { scenarios } from './scenarios/index.mjs';

const { values: options, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    top: { type: 'string', default: '25' },
    'py-spy': { type: 'string', default: 'py-spy' },
  },
  allowPositionals: true,
});
const [scenarioName = 'sequential', entrantName = 'synapse-native'] = positionals;
const seconds = Number(options.seconds);
const WARM_UP_MS = 2_000;

const run = promisify(execFile);
const scenario = scenarios[scenarioName];
const entrant = scenario?.entrants.find(({ key }) => key === entrantName);
if (entrant === undefined)
  throw new Error(`No "${entrantName}" in "${scenarioName}": see node benchmarks/run.mjs --list.`);

/** Runs turns for a time; resolves to the calls they made, where the scenario counts them. */
async function turns(contender, forMs) {
  const until = performance.now() + forMs;
  let calls = 0;
  while (performance.now() < until)
    calls += (await scenario.turn(contender, scenario.plans.full, entrant)).calls ?? 0;
  return calls;
}

/** Milliseconds by function of a profile of V8. */
function byFunction({ nodes, samples, timeDeltas }) {
  const named = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.replace(/^file:\/\//, '').replace(`${ROOT}/`, '');
      return [id, `${functionName || '(anonymous)'}${file && `  ${file}:${lineNumber + 1}`}`];
    }),
  );
  const took = new Map();
  samples.forEach((id, at) => {
    const name = named.get(id);
    took.set(name, (took.get(name) ?? 0) + timeDeltas[at] / 1000);
  });
  return took;
}

/** Samples by function, from py-spy's folded stacks; what a line of a function took is the function's. */
function byFrame(text) {
  const took = new Map();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, stack, count] = /^(.*) (\d+)$/.exec(line);
    const frame = stack
      .split(';')
      .at(-1)
      .replace(/:\d+\)$/, ')');
    took.set(frame, (took.get(frame) ?? 0) + Number(count));
  }
  return took;
}

function print(title, took) {
  const idle = [...took].filter(([name]) => name === '(idle)');
  const busy = [...took].filter(([name]) => name !== '(idle)');
  const sum = busy.reduce((total, [, share]) => total + share, 0);
  console.log(`\n${title}`);
  for (const [name, share] of busy.sort(([, a], [, b]) => b - a).slice(0, Number(options.top)))
    console.log(`${((100 * share) / sum).toFixed(1).padStart(6)} %  ${name}`);
  for (const [name, share] of idle) console.log(`        ${name}: ${share.toFixed(0)} ms`);
}

const { module, open } = await loadContender(entrant.contender);
if (module !== undefined) await prepareEnvironments([module]);
await prepareClients();
const contender = await open({
  python: peerInterpreter(),
  workers: scenario.workers,
  options: entrant.options,
});
await turns(contender, WARM_UP_MS);

const python = descendants(process.pid)
  .map((pid) => ({ pid, us: cpuMicros(pid) }))
  .sort((a, b) => b.us - a.us)[0];
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 200 });
await session.post('Profiler.start');
const calls = await turns(contender, seconds * 1000);
const { profile } = await session.post('Profiler.stop');
print(`Node${calls > 0 ? `, ${calls} calls` : ''}`, byFunction(profile));

if (python !== undefined) {
  const file = join(tmpdir(), `synapse-profile-${process.pid}.txt`);
  const args = [
    'record',
    '--pid',
    python.pid,
    '--duration',
    seconds,
    '--rate',
    500,
    '--format',
    'raw',
  ];
  const spied = run(options['py-spy'], [...args, '--output', file].map(String));
  const ended = spied.then(
    () => print(`Python, process ${python.pid}`, byFrame(readFileSync(file, 'utf8'))),
    () => console.log('\nWithout Python: py-spy could not be run.'),
  );
  await Promise.all([ended, turns(contender, (seconds + 1) * 1000)]);
}
await contender.close();

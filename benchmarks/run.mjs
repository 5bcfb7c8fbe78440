// The first benchmark: small calls through Synapse, its floor and its peers, interleaved in one run.
//
//   node run.mjs [--quick] [--only NAME,NAME] [--python PATH] [--markdown FILE]
//
// Latency is taken with both processes on one core (taskset), where neither waits for a core to wake up; bursts on all cores.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { contenders } from './contenders/index.mjs';
import { entry, moduleInterpreter, nativeModule, rawModule, synapse } from './paths.mjs';
import { payloadBytes } from './payload.mjs';
import { asMarkdown, asText } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(contenders).join(',') },
    python: { type: 'string' },
    markdown: { type: 'string' },
  },
});

// Warm enough that both just-in-time compilation and Python's specialising interpreter have settled.
const warmUp = { sequential: { calls: 4_000 }, burst: { bursts: 100 } };
const size = options.quick
  ? { sequential: { rounds: 20, calls: 300 }, burst: { rounds: 20, bursts: 20 } }
  : { sequential: { rounds: 60, calls: 500 }, burst: { rounds: 60, bursts: 30 } };
const plans = {
  sequential: { ...size.sequential, warmUp: warmUp.sequential },
  burst: { ...size.burst, inFlight: 64, warmUp: warmUp.burst },
};

const names = options.only.split(',');
for (const name of names)
  if (!(name in contenders))
    throw new Error(`No contender "${name}": choose from ${Object.keys(contenders).join(', ')}.`);

/** Builds both modules' environments, so that no build falls into a measurement. */
async function prepareEnvironments() {
  const { connect, Synapse } = await synapse();
  await (await connect(nativeModule())).close();
  const manager = new Synapse();
  await manager.spawn(rawModule(), 'main');
  await manager.dispose();
}

function hasTaskset() {
  try {
    execFileSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function measure(measurement, python, pinned) {
  const plan = JSON.stringify({ measurement, contenders: names, python, ...plans[measurement] });
  const command = [process.execPath, entry('measure.mjs'), plan];
  if (pinned) command.unshift('taskset', '-c', '0');
  return JSON.parse(
    execFileSync(command[0], command.slice(1), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
}

function versions(python) {
  const require = createRequire(import.meta.url);
  const peer = (name) =>
    `${name} ${JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version}`;
  const pythonVersion = execFileSync(
    python,
    [
      '-c',
      'import platform, msgpack; print(platform.python_version(), "with msgpack", ".".join(map(str, msgpack.version)))',
    ],
    { encoding: 'utf8' },
  ).trim();
  return `Node ${process.versions.node}, Python ${pythonVersion}, ${['@msgpack/msgpack', 'python-shell', 'pythonia'].map(peer).join(', ')}`;
}

if (
  names.some((name) => name.startsWith('synapse')) ||
  !(options.python ?? existsSync(moduleInterpreter()))
)
  await prepareEnvironments();
const python = options.python ?? moduleInterpreter();
const pinned = hasTaskset();
const started = performance.now();
const sequential = measure('sequential', python, pinned);
const burst = measure('burst', python, false);
const { rounds, calls } = plans.sequential;

const result = {
  sequential,
  burst,
  command: `node benchmarks/run.mjs${options.quick ? ' --quick' : ''}`,
  conditions: [
    `${versions(python)}; one interpreter for all; Linux ${release()}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores.`,
    `Payload: a record of ${payloadBytes.length} bytes as MessagePack, echoed; every reply compared with the request once per contender.`,
    `One at a time: ${rounds} rounds of ${calls} calls, ${pinned ? 'pinned to one core' : 'not pinned (no taskset)'}. In flight: ${plans.burst.rounds} rounds of ${plans.burst.bursts} bursts of ${plans.burst.inFlight}, all cores.`,
    'Figures are medians over rounds, the spread their quartiles; all contenders stay open and take turns within each round.',
    `Took ${((performance.now() - started) / 1000).toFixed(0)} s. Trust the ratios: absolute figures move with the machine and its load.`,
  ],
};
console.log(asText(result));
if (options.markdown) writeFileSync(options.markdown, asMarkdown(result));

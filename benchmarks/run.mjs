// The first benchmark: small calls through Synapse, its floor and its peers, interleaved in one run.
//
//   node run.mjs [--quick] [--only NAME,NAME] [--python PATH] [--markdown FILE]
//
// Latency is taken with both processes on one core (taskset), where neither waits for a core to wake up; bursts on all cores.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { canPin, describe } from './conditions.mjs';
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

if (
  names.some((name) => name.startsWith('synapse')) ||
  !(options.python ?? existsSync(moduleInterpreter()))
)
  await prepareEnvironments();
const python = options.python ?? moduleInterpreter();
const pinned = canPin();
const started = performance.now();
const sequential = measure('sequential', python, pinned);
const burst = measure('burst', python, false);
const seconds = (performance.now() - started) / 1000;

const result = {
  sequential,
  burst,
  command: `node benchmarks/run.mjs${options.quick ? ' --quick' : ''}`,
  conditions: describe({ python, pinned, plans, seconds, payloadBytes: payloadBytes.length }),
};
console.log(asText(result));
if (options.markdown) writeFileSync(options.markdown, asMarkdown(result));

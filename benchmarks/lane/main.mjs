// One contender in one scenario, in a process of its own: `node lane/main.mjs SCENARIO ENTRANT`. The driver says over
// Node's IPC what to do: open, take a turn, close. Between its turns nothing runs here.
import { execFileSync } from 'node:child_process';
import { loadContender } from '../contenders/index.mjs';
import { scenarios } from '../scenarios/index.mjs';
import { cpuMicros, descendants } from './processes.mjs';

const [scenarioName, entrantKey] = process.argv.slice(2);
const scenario = scenarios[scenarioName];
const entrant = scenario.entrants.find(({ key }) => key === entrantKey);
const { load = async () => {}, open } = await loadContender(entrant.contender);
let contender;

/** Has all threads of this process and of those that descend from it run on one core from now on. */
function pinTo(core) {
  for (const pid of [process.pid, ...descendants(process.pid)])
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(pid)], {
      stdio: 'ignore',
    });
}

/** A machine that is busy with others gives a warm-up this many times its processor time, and no more. */
const BUSY_FACTOR = 8;

/** Takes turns until this process has had as much processor time as the plan says: compilers count work, not time. */
async function warmUp(plan) {
  const { warmUpMs = 0 } = plan;
  const before = process.cpuUsage();
  const until = performance.now() + BUSY_FACTOR * warmUpMs;
  const hadMs = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const take = scenario.warmUp ?? scenario.turn;
  while (hadMs() < warmUpMs && performance.now() < until)
    if ((await take(contender, plan, entrant)) === false) break; // there is nothing to warm up
}

const doings = {
  /** Opens the contender, has it prove that it does what it should, and warms it up. */
  async open({ python, plan, core }) {
    const openOne = () => open({ python, workers: scenario.workers, options: entrant.options });
    contender = scenario.opensItself ? { load, openOne, close: async () => {} } : await openOne();
    await scenario.check?.(contender, plan);
    await warmUp(plan);
    if (core !== undefined) pinTo(core);
  },

  /** One turn: what was measured, and what it took of the processor where the scenario counts its calls. */
  async turn({ plan }) {
    const pids = scenario.countsCpu ? [process.pid, ...descendants(process.pid)] : [];
    const before = pids.map(cpuMicros);
    const { calls, ...metrics } = await scenario.turn(contender, plan, entrant);
    if (calls !== undefined && pids.length > 0) {
      const [node, ...python] = pids.map((pid, at) => (cpuMicros(pid) - before[at]) / calls);
      metrics.nodeCpuUs = node;
      metrics.pythonCpuUs = python.reduce((sum, one) => sum + one, 0);
    }
    return metrics;
  },

  async close() {
    await contender.close();
  },
};

process.on('message', async ({ action, ...details }) => {
  try {
    process.send({ result: await doings[action](details) });
  } catch (error) {
    process.send({ error: error instanceof Error ? error.stack : String(error) });
  }
  if (action === 'close') process.disconnect();
});
process.send({ result: 'ready' });

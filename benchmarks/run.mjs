/**
 * Measures Synapse, its limits and its peers, every contender in a process of its own, all of them in turns.
 *
 *   node benchmarks/run.mjs [--quick | --smoke] [--only SCENARIO,…] [--entrants NAME,…] [--json FILE [--renew]] [--core N]
 *   node benchmarks/run.mjs --list
 *
 * Prints tables; writes everything it found as JSON to benchmarks/results/local/MODE.json, or where `--json` says. With
 * `--renew` that is a result already, of this machine, in which what is measured now takes the place of what was.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { loadContender } from './contenders/index.mjs';
import { canPin, observe } from './driver/conditions.mjs';
import { contest, moduleOf, wantedEntrants } from './driver/contest.mjs';
import { Others } from './driver/others.mjs';
import { expectAlike, renewed } from './driver/renewal.mjs';
import { summarizeContest } from './driver/summary.mjs';
import { localResult, peerInterpreter, script } from './paths.mjs';
import { prepareClients, prepareEnvironments } from './prepare.mjs';
import { goalsText, scenarioText } from './report/text.mjs';
import { scenarios } from './scenarios/index.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    only: { type: 'string' },
    entrants: { type: 'string' },
    json: { type: 'string' },
    renew: { type: 'boolean', default: false },
    core: { type: 'string', default: '0' },
    list: { type: 'boolean', default: false },
  },
});

const listed = (text) => text?.split(',').map((name) => name.trim());

/** The scenarios that are asked for, by the beginning of their names; `buffers` means all of them. */
function chosenScenarios(mode) {
  const wanted = listed(options.only);
  const chosen = Object.values(scenarios).filter(
    ({ name, plans }) =>
      (plans[mode] !== undefined || wanted?.includes(name)) &&
      (wanted === undefined || wanted.some((start) => name.startsWith(start))),
  );
  if (chosen.length === 0)
    throw new Error(
      `No scenario "${options.only}": choose from ${Object.keys(scenarios).join(', ')}.`,
    );
  return chosen;
}

/** A scenario that is asked for by its name and has no short form is measured in full. */
const planOf = ({ plans }, mode) => plans[mode] ?? plans.full;

/**
 * How many rounds of the loop take so many milliseconds here: the same number for everybody. What is taken for one
 * round is the quickest quarter of many, once Python has specialised the loop: slower ones had company.
 */
function calibrate(python, workMs) {
  const program = `
import sys, time
sys.path.insert(0, sys.argv[1])
from work import spin
def ms(rounds):
    began = time.perf_counter(); spin(rounds); return (time.perf_counter() - began) * 1000
taken = [ms(20000) for _ in range(300)][100:]
print(round(20000 * float(sys.argv[2]) / sorted(taken)[len(taken) // 4]))`;
  const args = ['-c', program, dirname(script('work.py')), String(workMs)];
  return Number(execFileSync(python, args, { encoding: 'utf8' }));
}

/** The modules whose environments the chosen scenarios need. */
async function neededModules(chosen, mode, entrants) {
  const wanted = chosen.flatMap((scenario) =>
    wantedEntrants(scenario, planOf(scenario, mode), entrants),
  );
  const modules = wanted.map(async (entrant) =>
    moduleOf(entrant, await loadContender(entrant.contender)),
  );
  return [...new Set(await Promise.all(modules))].filter((name) => name !== undefined);
}

/** What of the command line decides what is measured; where the result goes does not. */
function flags(mode) {
  const { only, entrants } = options;
  return [
    ...(mode === 'full' ? [] : [`--${mode}`]),
    ...(only === undefined ? [] : [`--only ${only}`]),
    ...(entrants === undefined ? [] : [`--entrants ${entrants}`]),
  ];
}

function list() {
  for (const { name, title, entrants } of Object.values(scenarios))
    console.log(`${name.padEnd(18)}${title}: ${entrants.map(({ key }) => key).join(', ')}`);
}

async function measure() {
  const mode = options.smoke ? 'smoke' : options.quick ? 'quick' : 'full';
  const chosen = chosenScenarios(mode);
  const python = peerInterpreter();
  const entrants = options.entrants && new Set(listed(options.entrants));
  const pinned = canPin();
  const command = ['node benchmarks/run.mjs', ...flags(mode)].join(' ');
  const conditions = observe({ python, pinned, mode, command });
  const file = options.json ?? localResult(`${mode}.json`);
  const earlier = options.renew ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (earlier !== undefined) expectAlike(earlier, conditions);
  const began = performance.now();

  const notBuilt = await prepareEnvironments(await neededModules(chosen, mode, entrants));
  await prepareClients();

  const results = [];
  const othersInAll = new Others();
  for (const scenario of chosen) {
    const plan = { ...planOf(scenario, mode) };
    if (scenario.workMs !== undefined) plan.spinRounds = calibrate(python, scenario.workMs);
    const { entries, others } = await contest(scenario, plan, {
      python,
      pythonModules: new Set(Object.keys(conditions.python.packages)),
      core: pinned ? options.core : undefined,
      entrants,
      notBuilt,
    });
    othersInAll.add(others);
    const result = { ...summarizeContest(scenario, plan, entries), others: others.share };
    results.push(result);
    console.log(scenarioText(result));
  }
  conditions.others = othersInAll.share;
  conditions.seconds = Math.round((performance.now() - began) / 1000);
  const whole = { format: 1, conditions, scenarios: results };
  console.log(goalsText(whole));

  mkdirSync(dirname(file), { recursive: true });
  const written = earlier === undefined ? whole : renewed(earlier, whole);
  writeFileSync(file, `${JSON.stringify(written)}\n`);
  console.log(`Took ${conditions.seconds} s; everything is in ${file}.`);
}

if (options.list) list();
else await measure();

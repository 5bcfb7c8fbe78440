// docs/benchmarks.md, out of a result alone.
import { chartsOf, groupCharts } from './charts.mjs';
import { goals } from './goals.mjs';
import { failures, tableOf } from './tables.mjs';

/** A machine whose load is above this, for each of its cores, has other things to do. */
const QUIET_LOAD_A_CORE = 0.25;

const bullets = (lines) => lines.map((line) => `- ${line}`);

function drawTable({ headings, rows }) {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column].length)),
  );
  const draw = (line) =>
    `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? ` ${'-'.repeat(width)} ` : ` ${'-'.repeat(width - 1)}: `,
  );
  const [head, ...body] = lines.map(draw);
  return [head, `|${rule.join('|')}|`, ...body];
}

function busyWarning({ conditions: { cores, loadBefore } }) {
  if (loadBefore <= QUIET_LOAD_A_CORE * cores) return [];
  return [
    `**The machine was busy with other things (load ${loadBefore.toFixed(1)} on ${cores} cores): these figures show what is measured, not how fast anything is.**`,
    '',
  ];
}

function goalsSection(result) {
  const rows = goals(result).map(({ title, wanted, got, met }) => [
    title,
    wanted,
    got,
    met ? 'yes' : 'no',
  ]);
  if (rows.length === 0) return [];
  const table = drawTable({ headings: ['', 'wanted', 'measured', 'met'], rows });
  return ['## Against what is wanted', '', ...table, ''];
}

const images = (charts) => charts.flatMap(({ file, alt }) => [`![${alt}](benchmarks/${file})`, '']);

function tableWithAbsent(scenario) {
  const absent = failures(scenario).map((line) => `Not measured: ${line}`);
  return [
    ...drawTable(tableOf(scenario)),
    '',
    ...(absent.length > 0 ? [...bullets(absent), ''] : []),
  ];
}

const scenarioSection = (scenario) => [
  `## ${scenario.title}`,
  '',
  scenario.about,
  '',
  ...images(chartsOf(scenario)),
  ...tableWithAbsent(scenario),
];

/** Scenarios that differ in size only share a section: their plots, then a table each. */
const groupSection = (group, scenarios) => [
  `## ${group}`,
  '',
  scenarios[0].about.replace(scenarios[0].label, 'As many'),
  '',
  ...images(groupCharts(group, scenarios)),
  ...scenarios.flatMap((scenario) => [`### ${scenario.label}`, '', ...tableWithAbsent(scenario)]),
];

function sections({ scenarios }) {
  const groups = new Set();
  return scenarios.flatMap((scenario) => {
    const { group } = scenario;
    if (group === undefined) return scenarioSection(scenario);
    if (groups.has(group)) return [];
    groups.add(group);
    return groupSection(
      group,
      scenarios.filter((one) => one.group === group),
    );
  });
}

function contendersSection({ scenarios }) {
  const known = new Map();
  for (const { entries } of scenarios)
    for (const { title, about } of entries) if (!known.has(title)) known.set(title, about);
  const lines = [...known].map(([title, about]) => `**${title}**: ${about}.`);
  return ['## Contenders', '', ...bullets(lines), ''];
}

const named = (versions) =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

function conditionsSection({ conditions: c }) {
  return [
    '## Conditions',
    '',
    ...bullets([
      `\`${c.command}\`, ${c.began.slice(0, 10)}, commit ${c.commit}; it took ${Math.round(c.seconds / 60)} minutes.`,
      `${c.processor}, ${c.cores} cores, ${c.memoryGb} GB, ${c.system}; load ${c.loadBefore.toFixed(1)} before, ${c.loadAfter.toFixed(1)} after.`,
      `Synapse ${c.synapse}, Node ${c.node}, Python ${c.python.version}: one base interpreter for all.`,
      `Python packages: ${named(c.python.packages)}.`,
      `npm packages: ${named(c.npm)}.`,
      c.pinned
        ? 'Scenarios on one core had both ends, Node and Python, pinned to it.'
        : 'Nothing was pinned to a core, for want of `taskset`.',
    ]),
    '',
  ];
}

/** The whole page. */
export function benchmarksPage(result) {
  return [
    '# Benchmarks',
    '',
    '<!-- Written by `make bench` from benchmarks/results/full.json. Do not edit. -->',
    '',
    'One run of one machine. Each contender has a process of its own; all of a scenario are open at once and take turns, A B C A B C, each round starting one further',
    'on, so that whatever else the machine does hits them alike. A figure is the median over rounds, with the quartiles of the rounds beside it; a ratio is the median of the',
    'ratios of each round. Trust the ratios: absolute figures move with the machine. [How it is kept fair](../benchmarks/README.md), and',
    '[where the time goes](performance.md).',
    '',
    ...busyWarning(result),
    ...goalsSection(result),
    ...sections(result),
    ...contendersSection(result),
    ...conditionsSection(result),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

/** Every plot of the page: `{ file, draw }`. */
export function pageCharts({ scenarios }) {
  const groups = [...new Set(scenarios.flatMap(({ group }) => group ?? []))];
  return [
    ...scenarios.flatMap(chartsOf),
    ...groups.flatMap((group) =>
      groupCharts(
        group,
        scenarios.filter((one) => one.group === group),
      ),
    ),
  ];
}

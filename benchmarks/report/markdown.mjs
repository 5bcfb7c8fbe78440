// docs/benchmarks.md, out of a result alone.
import { chartsOf, groupCharts } from './charts.mjs';
import { goals } from './goals.mjs';
import { aligned, failures, tableOf } from './tables.mjs';

/** Where others use more than this of all processor time, a machine has other things to do. */
const QUIET_SHARE = 0.05;

const bullets = (lines) => lines.map((line) => `- ${line}`);

/** What the rule below the headings needs at least. */
const LEAST_WIDTH = 3;

function drawTable(table) {
  const { lines, widths } = aligned(table, LEAST_WIDTH);
  const [head, ...body] = lines.map((cells) => `| ${cells.join(' | ')} |`);
  const rule = widths.map((width, column) =>
    column === 0 ? ` ${'-'.repeat(width)} ` : ` ${'-'.repeat(width - 1)}: `,
  );
  return [head, `|${rule.join('|')}|`, ...body];
}

const percent = (share) => `${(100 * share).toFixed(0)} %`;

/** What a run that is not a whole one lacks. */
export function shortnessWarning({ conditions, scenarios }) {
  if (conditions.mode === 'full') return [];
  const left = scenarios
    .filter(({ plan }) => plan.without !== undefined)
    .map(({ title, plan }) => `_${title}_ (${plan.without.map((key) => `\`${key}\``).join(', ')})`);
  const without = left.length === 0 ? '' : ` Contenders were left out of ${inWords(left)}.`;
  return [
    `**This is a \`${conditions.mode}\` run: fewer rounds and less warming up than \`make bench\` has, which tells where a round is one start or one large buffer.**${without}`,
    '',
  ];
}

/** What of the figures is not to be trusted, because others had the processors meanwhile. */
export function busyWarning({ conditions, scenarios }) {
  const busy = scenarios.filter(({ others }) => others > QUIET_SHARE);
  if (busy.length === 0) return [];
  const where =
    conditions.others > QUIET_SHARE
      ? `**The machine was busy with other things, which took ${percent(conditions.others)} of its processor time: these figures show what is measured, not how fast anything is.**`
      : `Others used more than ${percent(QUIET_SHARE)} of the processor time during ${inWords(busy.map(({ title, others }) => `_${title}_ (${percent(others)})`))}.`;
  return [where, ''];
}

const inWords = (names) =>
  names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

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

/** Which scenarios were measured later than the rest, a line for each such run. */
export function renewals(scenarios) {
  const runs = new Map();
  for (const { title, anew } of scenarios) {
    if (anew === undefined) continue;
    const { titles } = runs.get(anew.began) ?? { titles: [] };
    runs.set(anew.began, { ...anew, titles: [...titles, `_${title}_`] });
  }
  return [...runs.values()].map(
    ({ titles, command, began, commit }) =>
      `Measured anew, on the same machine: ${inWords(titles)}. \`${command}\`, ${began.slice(0, 10)}, commit ${commit}.`,
  );
}

function conditionsSection({ conditions: c, scenarios }) {
  return [
    '## Conditions',
    '',
    ...bullets([
      `\`${c.command}\`, ${c.began.slice(0, 10)}, commit ${c.commit}; it took ${Math.round(c.seconds / 60)} minutes.`,
      ...renewals(scenarios),
      `${c.processor}, ${c.cores} cores, ${c.memoryGb} GB, ${c.system}${c.others === undefined ? '' : `; other processes used ${percent(c.others)} of the processor time while it was measured`}.`,
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
    '<!-- Written by benchmarks/publish.mjs from a result. Do not edit. -->',
    '',
    'One run of one machine. Each contender has a process of its own; all of a scenario are open at once and take turns, A B C A B C, each round starting one further',
    'on, so that whatever else the machine does hits them alike. A figure is the median over rounds, with the quartiles of the rounds beside it; a ratio is the median of the',
    'ratios of each round. Trust the ratios: absolute figures move with the machine. [How it is kept fair](../benchmarks/README.md), and',
    '[where the time goes](performance.md).',
    '',
    ...shortnessWarning(result),
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

// What the benchmark makes of its measurements: the published page is what its result says, and its sums are right.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { run } from '../support/programs.js';
import { newFolder } from '../support/scratch.js';

const checkout = resolve(__dirname, '../../..');
const benchmarks = join(checkout, 'benchmarks');

/** What an expression is, in Node, with these names of a file of the benchmark. */
async function evaluate(file: string, names: string, expression: string): Promise<unknown> {
  const from = JSON.stringify(pathToFileURL(join(benchmarks, file)).href);
  const program = `import { ${names} } from ${from}; console.log(JSON.stringify(${expression}))`;
  const end = await run(process.execPath, ['--input-type=module', '-e', program]);
  if (end.code !== 0) throw new Error(end.stderr);
  return JSON.parse(end.stdout);
}

it('publishes exactly what the committed result says', async () => {
  const folder = newFolder();
  const end = await run(process.execPath, [join(benchmarks, 'publish.mjs'), '--docs', folder]);
  expect(end.stderr).toBe('');
  const published = (root: string) => ({
    page: readFileSync(join(root, 'benchmarks.md'), 'utf8'),
    plots: Object.fromEntries(
      readdirSync(join(root, 'benchmarks')).map((name) => [
        name,
        readFileSync(join(root, 'benchmarks', name), 'utf8'),
      ]),
    ),
  });
  expect(published(folder)).toEqual(published(join(checkout, 'docs')));
});

it.each([
  ['median([3, 1, 2])', 2],
  ['median([4, 1, 2, 3])', 2.5],
  ['quantile([5, 1, 4, 2, 3], 0.99)', 5],
  ['summarize([1, 2, 3, 4, 5])', { median: 3, low: 2, high: 4 }],
  ['summarizeRatios([2, 9, 12], [1, 3, 3])', { median: 3, low: 2, high: 4 }],
])('%s is %p', async (expression, value) => {
  const names = 'median, quantile, summarize, summarizeRatios';
  expect(await evaluate('statistics.mjs', names, expression)).toEqual(value);
});

it('says whose the processors were', async () => {
  const before = { at: 1000, idle: 500, own: 70 };
  const after = { at: 3000, idle: 1500, own: 2670 };
  const between = `betweenThem(${JSON.stringify(before)}, ${JSON.stringify(after)}, 2)`;
  expect(await evaluate('driver/others.mjs', 'betweenThem', between)).toEqual({
    whole: 4000,
    used: 400,
  });
});

it('warns of what was measured while others had the processors', async () => {
  const scenario = (title: string, others: number) => ({ title, others });
  const warning = (others: number, ...scenarios: object[]) =>
    evaluate(
      'report/markdown.mjs',
      'busyWarning',
      `busyWarning(${JSON.stringify({ conditions: { others }, scenarios })})`,
    );
  expect(await warning(0.01, scenario('Small calls', 0.02))).toEqual([]);
  expect(await warning(0.03, scenario('Small calls', 0.09), scenario('Start', 0.01))).toEqual([
    'Others used more than 5 % of the processor time during _Small calls_ (9 %).',
    '',
  ]);
  expect((await warning(0.2, scenario('Small calls', 0.2))) as string[]).toContainEqual(
    expect.stringContaining('took 20 % of its processor time'),
  );
});

it('puts what was measured anew in the place of what was, and says so', async () => {
  const result = {
    conditions: { commit: 'one' },
    scenarios: ['calls', 'buffers', 'start'].map((name) => ({ name, title: `The ${name}` })),
  };
  const conditions = { began: '2026-11-22T10:00:00Z', commit: 'two', command: 'run --only start' };
  const measured = { name: 'start', title: 'The start', figure: 7 };
  const renewed = (await evaluate(
    'driver/renewal.mjs',
    'renewed',
    `renewed(${JSON.stringify(result)}, ${JSON.stringify({ conditions, scenarios: [measured] })})`,
  )) as typeof result;
  expect(renewed).toEqual({
    ...result,
    scenarios: [...result.scenarios.slice(0, 2), { ...measured, anew: conditions }],
  });
  const page = `renewals(${JSON.stringify(renewed.scenarios)})`;
  expect(await evaluate('report/markdown.mjs', 'renewals', page)).toEqual([
    'Measured anew, on the same machine: _The start_. `run --only start`, 2026-11-22, commit two.',
  ]);
});

it('does not put figures of two machines on one page', async () => {
  const conditions = { mode: 'full', processor: 'this', python: { version: '3.11.2' } };
  const expected = (then: object) =>
    evaluate(
      'driver/renewal.mjs',
      'expectAlike',
      `expectAlike(${JSON.stringify({ conditions: then })}, ${JSON.stringify(conditions)}) ?? 'alike'`,
    );
  expect(await expected({ ...conditions, commit: 'another' })).toBe('alike');
  for (const other of [
    { mode: 'quick' },
    { processor: 'that' },
    { python: { version: '3.12.1' } },
  ]) {
    await expect(expected({ ...conditions, ...other })).rejects.toThrow('other conditions');
  }
});

it('calls a short run one, and says who is not in it', async () => {
  const warning = (mode: string, ...scenarios: object[]) =>
    evaluate(
      'report/markdown.mjs',
      'shortnessWarning',
      `shortnessWarning(${JSON.stringify({ conditions: { mode }, scenarios })})`,
    );
  const whole = { title: 'Start', plan: {} };
  const lacking = { title: 'Small calls', plan: { without: ['fastapi', 'pythonia'] } };
  expect(await warning('full', lacking)).toEqual([]);
  expect(await warning('quick', whole, lacking)).toEqual([
    expect.stringMatching(/`quick` run.* left out of _Small calls_ \(`fastapi`, `pythonia`\)\.$/),
    '',
  ]);
  expect(await warning('quick', whole)).toEqual([expect.not.stringContaining('left out'), '']);
});

it('tells what a contender lacks instead of measuring it', async () => {
  const contender = "{ packages: ['no-such-package'], pythonPackages: ['fastapi', 'msgpack'] }";
  const missing = `missingPackages(${contender}, new Set(['msgpack']))`;
  expect(await evaluate('contenders/index.mjs', 'missingPackages', missing)).toEqual([
    'no-such-package',
    'fastapi',
  ]);
});

it('holds a run against the goals that it can say something about', async () => {
  const entry = (key: string, medianUs: number) => ({ key, rounds: [{ medianUs }, { medianUs }] });
  const result = {
    scenarios: [
      { name: 'sequential', entries: [entry('raw-fifo', 8), entry('synapse-native', 24)] },
    ],
  };
  expect(await evaluate('report/goals.mjs', 'goals', `goals(${JSON.stringify(result)})`)).toEqual([
    { title: 'small call against the raw FIFO', wanted: '≤ 2.5×', got: '3.00×', met: false },
  ]);
});

it('counts what failed as missed', async () => {
  const entries = [
    { key: 'raw-fifo', rounds: [{ medianUs: 8 }, { medianUs: 8 }] },
    { key: 'synapse-native', failure: 'Error: gone' },
  ];
  const result = { scenarios: [{ name: 'sequential', entries }] };
  expect(await evaluate('report/goals.mjs', 'goals', `goals(${JSON.stringify(result)})`)).toEqual([
    { title: 'small call against the raw FIFO', wanted: '≤ 2.5×', got: 'failed', met: false },
  ]);
});

it('tells beside a spread what it is without any bridge', async () => {
  const entry = (key: string, p99OverP50: number) => ({ key, rounds: [{ p99OverP50 }] });
  const entries = [entry('no-bridge', 1.5), entry('synapse-native', 1.25)];
  const result = { scenarios: [{ name: 'pool', entries }] };
  expect(
    await evaluate('report/goals.mjs', 'goals', `goals(${JSON.stringify(result)})`),
  ).toContainEqual(expect.objectContaining({ got: '1.25× (1.50× without us)', met: true }));
});

it('sends the same records from both ends', async () => {
  const made = await evaluate('payload.mjs', 'makeRecords', 'makeRecords(1234)');
  const program =
    'import json, sys; sys.path.insert(0, sys.argv[1]); import work; print(json.dumps(work.fetch_records(1234)))';
  const python = join(checkout, '.venv/bin/python');
  const end = await run(python, ['-c', program, join(benchmarks, 'python')]);
  expect(made).toEqual(JSON.parse(end.stdout));
});

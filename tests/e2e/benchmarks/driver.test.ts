// The benchmark's driver runs: each scenario that needs no peers, for moments, each contender in its own process. What the
// figures are is asserted nowhere.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { run } from '../support/programs.js';
import { newFolder } from '../support/scratch.js';

const benchmarks = resolve(__dirname, '../../../benchmarks');

interface Entry {
  key: string;
  failure?: string;
  metrics: Record<string, { low: number; median: number; high: number }>;
  rounds: Record<string, number>[];
}

interface Scenario {
  name: string;
  plan: { rounds: number };
  reference?: string;
  entries: Entry[];
}

/** Runs scenarios shortly with what is installed everywhere. */
async function smoke(only: string, entrants: string): Promise<Scenario[]> {
  const file = join(newFolder(), 'result.json');
  const end = await run(
    process.execPath,
    [
      join(benchmarks, 'run.mjs'),
      ...['--smoke', '--only', only, '--entrants', entrants, '--json', file],
    ],
    { withinMs: 120_000 },
  );
  if (end.code !== 0) throw new Error(end.stderr);
  return (JSON.parse(readFileSync(file, 'utf8')) as { scenarios: Scenario[] }).scenarios;
}

describe('The benchmark', () => {
  it('measures contenders in turns, as many rounds of each as planned', async () => {
    const scenarios = await smoke(
      'sequential,first-item,records',
      'raw-fifo,json-lines,synapse-native,synapse-typed',
    );
    expect(scenarios.map(({ name }) => name)).toEqual(['sequential', 'first-item', 'records']);
    for (const { entries, plan } of scenarios) {
      expect(entries.length).toBeGreaterThan(2);
      for (const entry of entries) {
        expect(entry.failure).toBeUndefined();
        expect(entry.rounds).toHaveLength(plan.rounds);
        for (const { low, high } of Object.values(entry.metrics)) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeGreaterThanOrEqual(low);
        }
      }
    }
  }, 130_000);

  it('takes uploads, has pools grow and replaces workers', async () => {
    const scenarios = await smoke(
      'upload,scale-up,replacement',
      'raw-fifo,json-lines,fork-server,synapse-forked',
    );
    const took = scenarios.map(({ name, entries }) => [
      name,
      entries.map(({ key, failure }) => [key, failure]),
    ]);
    expect(Object.fromEntries(took)).toEqual({
      upload: [
        ['raw-fifo', undefined],
        ['json-lines', undefined],
      ],
      'scale-up': [
        ['fork-server', undefined],
        ['synapse-forked', undefined],
      ],
      replacement: [
        ['fork-server', undefined],
        ['synapse-forked', undefined],
      ],
    });
  }, 130_000);

  it('weighs the bundle, checks environments and moves bytes through the limits', async () => {
    const scenarios = await smoke(
      'bundle,environment,new-environment,buffers-64kib',
      'browser,native,synapseByUv,synapse-typed,raw-buffers,raw-segments',
    );
    const [buffers, environment, newEnvironment, bundle] = scenarios;
    expect(buffers?.entries.map(({ key, failure }) => [key, failure])).toEqual([
      ['raw-buffers', undefined],
      ['raw-segments', undefined],
      ['synapse-typed', undefined],
    ]);
    expect(environment?.entries[0]?.metrics.checkMs?.median).toBeGreaterThan(0);
    expect(newEnvironment?.entries.map(({ key, failure }) => [key, failure])).toEqual([
      ['synapseByUv', undefined],
    ]);
    expect(bundle?.entries[0]?.metrics.gzipKb?.median).toBeGreaterThan(1);
  }, 130_000);
});

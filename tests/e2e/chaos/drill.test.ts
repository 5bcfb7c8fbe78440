// The chaos drill of benchmarks/chaos, shortly: calls of every kind while workers are killed, stopped, starved and garbled.
// To repeat a run, give its seed: SYNAPSE_CHAOS_SEED=… jest …
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../support/programs.js';
import { newFolder } from '../support/scratch.js';

const seed = Number(process.env.SYNAPSE_CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const chaos = resolve(__dirname, '../../../benchmarks/chaos');

interface Report {
  complaints: string[];
  executions: number;
  faults: Record<string, number>;
}

// A copy, so that its environment is built in scratch; once for all.
const copy = join(newFolder(), 'chaos');
beforeAll(() =>
  cpSync(join(chaos, 'module'), copy, {
    recursive: true,
    filter: (path) => !/[/\\](\.venv|__pycache__)$/.test(path),
  }),
);

describe(`In chaos (seed ${seed})`, () => {
  it.each([
    ['a pool of four', { workers: 4 }, { calls: 2000, everyMs: 60 }],
    ['a single worker', { workers: 1 }, { calls: 1000, everyMs: 300 }],
    ['workers on sockets', { workers: 2, channel: 'socket' }, { calls: 1500, everyMs: 120 }],
  ])(
    'every call of %s is settled once, by its own answer or an error that explains, and nothing is left',
    async (_, options, { calls, everyMs }) => {
      const plan = { calls, seed, 'in-flight': 1000, 'faults-every': everyMs };
      const args = Object.entries(plan).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const end = await run(
        process.execPath,
        [
          ...['--expose-gc', join(chaos, 'run.mjs'), '--json', ...args],
          ...['--directory', copy, '--options', JSON.stringify(options)],
        ],
        { withinMs: 150_000 },
      );
      if (end.stdout === '') throw new Error(end.stderr);
      const { complaints, executions, faults } = JSON.parse(end.stdout) as Report;
      expect(complaints).toEqual([]);
      expect(executions).toBeGreaterThan(calls / 4);
      expect(Object.keys(faults).length).toBeGreaterThan(0);
    },
    180_000,
  );
});

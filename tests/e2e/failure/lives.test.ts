// A hundred and more lives of workers, ended in every way there is: benchmarks/chaos/lives.mjs has ten thousand.
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { run } from '../support/programs.js';
import { newFolder } from '../support/scratch.js';

const seed = Number(process.env.SYNAPSE_CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const chaos = resolve(__dirname, '../../../benchmarks/chaos');

describe(`After a hundred lives of workers (seed ${seed})`, () => {
  it.each([
    ['forked', 100, {}],
    ['spawned', 30, { zygote: false }],
  ])(
    'that were %s, no process, zombie, descriptor, listener, file or memory is left',
    async (_, lives, options) => {
      const copy = join(newFolder(), 'chaos');
      cpSync(join(chaos, 'module'), copy, {
        recursive: true,
        filter: (path) => !/[/\\](\.venv|__pycache__)$/.test(path),
      });
      const plan = { lives, seed, directory: copy, options: JSON.stringify(options) };
      const args = Object.entries(plan).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const end = await run(
        process.execPath,
        ['--expose-gc', join(chaos, 'lives.mjs'), '--json', ...args],
        { withinMs: 150_000 },
      );
      if (end.stdout === '') throw new Error(end.stderr);
      const report = JSON.parse(end.stdout) as { lives: number; complaints: string[] };
      expect(report.complaints).toEqual([]);
      expect(report.lives).toBeGreaterThanOrEqual(lives);
    },
    180_000,
  );
});

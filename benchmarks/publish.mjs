/**
 * Writes docs/benchmarks.md and its plots from a result:
 *
 *   node benchmarks/publish.mjs [--result RESULT.json] [--docs FOLDER]
 *
 * The result is benchmarks/results/full.json unless it is named, the folder the checkout's own.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, resultFile } from './paths.mjs';
import { benchmarksPage, pageCharts } from './report/markdown.mjs';

const { values: options } = parseArgs({
  options: {
    result: { type: 'string', default: resultFile('full.json') },
    docs: { type: 'string', default: join(ROOT, 'docs') },
  },
});

const result = JSON.parse(readFileSync(options.result, 'utf8'));
const plots = join(options.docs, 'benchmarks');
rmSync(plots, { recursive: true, force: true });
mkdirSync(plots, { recursive: true });
for (const { file, draw } of pageCharts(result)) writeFileSync(join(plots, file), draw());
writeFileSync(join(options.docs, 'benchmarks.md'), benchmarksPage(result));

/** Takes the figures of the landing page from `docs/benchmarks.md`, so that they are those of the last run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Figure {
  readonly value: string;
  readonly what: string;
  readonly than: string;
}

const page = fileURLToPath(new URL('../../../benchmarks.md', import.meta.url));

declare const data: readonly Figure[];

export { data };

export default {
  watch: [page],
  load(): readonly Figure[] {
    const text = readFileSync(page, 'utf8');
    const call = (contender: string) => cell(text, 'One small call at a time', contender);
    return [
      {
        value: `${call('Synapse, typed')} µs`,
        what: 'a small typed call, there and back',
        than: `pythonia ${call('pythonia')} µs, FastAPI ${call('FastAPI and undici')} µs`,
      },
      {
        value: `${millions(cell(text, 'Against what is wanted', 'the same, typed', 2))} M/s`,
        what: 'items of a typed stream',
        than: 'one worker, under flow control',
      },
      {
        value: cell(text, 'Against what is wanted', 'unchanged environment', 2),
        what: 'to see that an environment is up to date',
        than: 'no process is started',
      },
      {
        value: cell(text, 'Against what is wanted', 'core and client, gzip', 2),
        what: 'of JavaScript for a typed client',
        than: 'core and client, gzipped',
      },
    ];
  },
};

/**
 * Returns a cell of the table under a heading.
 *
 * @throws Error where there is none: a figure that nobody measured must not be shown.
 */
function cell(text: string, heading: string, row: string, column = 1): string {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const line = section.split('\n').find((candidate) => candidate.startsWith(`| ${row} `));
  const found = line?.split('|')[column + 1]?.trim();
  if (!found) throw new Error(`docs/benchmarks.md has no “${row}” under “${heading}”`);
  return found;
}

function millions(items: string): string {
  return (Number(items.replaceAll(',', '')) / 1e6).toFixed(1);
}

// Turns two measurements into two tables: aligned text for a terminal, Markdown for results/.
import { contenders } from './contenders/index.mjs';

const micros = (value) => value.toFixed(1);
const thousands = (value) => (value / 1000).toFixed(1);
const ratio = (value) => (Number.isFinite(value) ? value.toFixed(2) : '–');
const title = (name) => contenders[name].name;
const medianOf = (results, name) => results.find((result) => result.name === name)?.median;

function sequentialTable(results) {
  const floor = medianOf(results, 'raw-pipe');
  return {
    title: 'One call at a time (µs)',
    headings: ['', 'median', 'quartiles', 'p99', '× floor'],
    rows: results.map(({ name, median, low, high, tail }) => [
      title(name),
      micros(median),
      `${micros(low)} – ${micros(high)}`,
      micros(tail),
      ratio(median / floor),
    ]),
  };
}

function burstTable(results) {
  const native = medianOf(results, 'synapse-native');
  return {
    title: '64 calls in flight (thousand calls a second)',
    headings: ['', 'median', 'quartiles', '× Synapse native'],
    rows: results.map(({ name, median, low, high }) => [
      title(name),
      thousands(median),
      `${thousands(low)} – ${thousands(high)}`,
      ratio(median / native),
    ]),
  };
}

/** How Synapse's native dialect stands against each peer, in both measurements. */
function comparisons({ sequential, burst }) {
  const latency = medianOf(sequential, 'synapse-native');
  if (latency === undefined) return [];
  return ['hq-design', 'python-shell', 'pythonia']
    .filter((peer) => medianOf(sequential, peer) !== undefined)
    .map((peer) => {
      const quicker = ratio(medianOf(sequential, peer) / latency);
      const higher = ratio(medianOf(burst, 'synapse-native') / medianOf(burst, peer));
      return `Synapse native against ${title(peer)}: ${quicker}× as quick one at a time, ${higher}× the rate with 64 in flight.`;
    });
}

function drawText({ title: heading, headings, rows }) {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const draw = (line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('   ');
  const [head, ...body] = lines.map(draw);
  return [heading, '', head, '─'.repeat(head.length), ...body, ''].join('\n');
}

function drawMarkdown({ title: heading, headings, rows }) {
  const [head, ...body] = [headings, ...rows].map((line) => `| ${line.join(' | ')} |`);
  const alignment = `|${headings.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`;
  return [`## ${heading}`, '', head, alignment, ...body, ''].join('\n');
}

const tables = ({ sequential, burst }) => [sequentialTable(sequential), burstTable(burst)];
const bullets = (lines) => lines.map((line) => `- ${line}`);

/** Both tables, what they mean and on what they were measured, as a terminal shows it. */
export function asText(result) {
  return [...tables(result).map(drawText), ...comparisons(result), '', ...result.conditions].join(
    '\n',
  );
}

/** The same as a record to commit. */
export function asMarkdown(result) {
  const legend = result.sequential.map(
    ({ name }) => `**${title(name)}**: ${contenders[name].about}.`,
  );
  return [
    '# Small calls, one interleaved run',
    '',
    `Command: \`${result.command}\``,
    '',
    ...tables(result).map(drawMarkdown),
    ...bullets(comparisons(result)),
    '',
    '## Contenders',
    '',
    ...bullets(legend),
    '',
    '## Conditions',
    '',
    ...bullets(result.conditions),
    '',
  ].join('\n');
}

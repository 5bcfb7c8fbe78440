// Plots as SVG texts: horizontal bars, and lines over sizes. They stand on light and on dark pages, without scripts or fonts.
import { figure } from './tables.mjs';

const WIDTH = 760;
const LABELS = 190;
const VALUES = 130;
const ROW = 26;
const BAR = 16;

const STYLE = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.quiet { fill: #6e7781 } .grid { stroke: #6e7781; stroke-opacity: .25 }
.spread { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .quiet { fill: #9198a1 } .spread { stroke: #e6edf3 } }
</style>`;

/** What stands for whom: ours, the limits, everybody else. */
const colorOf = (title) => {
  if (title.startsWith('Synapse')) return '#0969da';
  return /^(raw |interpreter|processes)/.test(title) ? '#8c959f' : '#d4a72c';
};

const LINE_COLORS = ['#8250df', '#bc4c00', '#1a7f37', '#bf3989', '#d4a72c', '#57606a', '#cf222e'];

const escaped = (text) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign],
  );

const svg = (height, title, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">\n${STYLE}\n${parts.join('\n')}\n</svg>\n`;

const at = (value) => value.toFixed(1);

/** Where a value lies between 0 and 1, in proportion, or by its logarithm when values differ by more than thirty times. */
function scaleOf(values) {
  const most = Math.max(...values);
  const least = Math.min(...values.filter((value) => value > 0));
  if (most / least <= 30) return { place: (value) => value / most, note: '' };
  const start = Math.log10(least) - 0.3;
  const span = Math.log10(most) - start;
  return {
    place: (value) => Math.max(0, Math.log10(value) - start) / span,
    note: ', logarithmic',
  };
}

/**
 * One bar a row, with its quartiles.
 *
 * @param rows `{ title, median, low, high }`
 */
export function bars({ title, unit, better, rows }) {
  const { place, note } = scaleOf(rows.flatMap(({ median, high }) => [median, high]));
  const room = WIDTH - LABELS - VALUES;
  const x = (value) => LABELS + room * place(value);
  const heading = `${title}: ${unit}${note}, ${better} is better`;
  const parts = [`<text x="0" y="16" font-weight="600">${escaped(heading)}</text>`];
  rows.forEach(({ title: label, median, low, high }, row) => {
    const top = 30 + row * ROW;
    const middle = top + BAR / 2;
    parts.push(
      `<text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABELS}" y="${top}" width="${at(Math.max(1, x(median) - LABELS))}" height="${BAR}" rx="2" fill="${colorOf(label)}"/>`,
      `<line class="spread" x1="${at(x(low))}" x2="${at(x(high))}" y1="${middle}" y2="${middle}"/>`,
      `<text x="${at(Math.max(x(median), x(high)) + 8)}" y="${middle + 4}">${figure(median)}</text>`,
    );
  });
  return svg(34 + rows.length * ROW, heading, parts);
}

const LINES_HEIGHT = 340;
const PLOT = { left: 60, right: 560, top: 30, bottom: 300 };

/**
 * One line a series over steps that have names, the values by their logarithm.
 *
 * @param series `{ title, values }`, one value a step, undefined where there is none
 */
export function lines({ title, unit, better, steps, series }) {
  const known = series.flatMap(({ values }) => values.filter((value) => value > 0)).map(Math.log10);
  const low = Math.floor(Math.min(...known));
  const high = Math.max(low + 1, Math.ceil(Math.max(...known)));
  const x = (step) => PLOT.left + ((PLOT.right - PLOT.left) * step) / Math.max(1, steps.length - 1);
  const y = (value) =>
    PLOT.bottom - ((PLOT.bottom - PLOT.top) * (Math.log10(value) - low)) / (high - low);
  const heading = `${title}: ${unit}, logarithmic, ${better} is better`;
  const parts = [`<text x="0" y="16" font-weight="600">${escaped(heading)}</text>`];
  for (let power = low; power <= high; power += 1) {
    const level = y(10 ** power);
    parts.push(
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at(level)}" y2="${at(level)}"/>`,
      `<text class="quiet" x="${PLOT.left - 8}" y="${at(level + 4)}" text-anchor="end">${10 ** power}</text>`,
    );
  }
  steps.forEach((step, index) => {
    parts.push(
      `<text class="quiet" x="${at(x(index))}" y="${PLOT.bottom + 20}" text-anchor="middle">${escaped(step)}</text>`,
    );
  });
  let others = 0;
  const ends = labelPlaces(series, y);
  series.forEach(({ title: label, values }, index) => {
    const ours = label.startsWith('Synapse');
    const color =
      colorOf(label) === '#d4a72c' ? LINE_COLORS[others++ % LINE_COLORS.length] : colorOf(label);
    const points = values.flatMap((value, step) =>
      value > 0 ? [`${at(x(step))},${at(y(value))}`] : [],
    );
    const last = values.findLastIndex((value) => value > 0);
    const dash = DASHES[label] ?? '';
    parts.push(
      `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="${ours ? 2.5 : 1.5}"${dash}/>`,
      `<line class="grid" x1="${at(x(last))}" x2="${PLOT.right + 8}" y1="${at(y(values[last]))}" y2="${at(ends[index])}"/>`,
      `<text x="${PLOT.right + 12}" y="${at(ends[index] + 4)}" style="fill:${color}">${escaped(label)}</text>`,
    );
  });
  return svg(LINES_HEIGHT, heading, parts);
}

const DASHES = {
  'Synapse, numpy': ' stroke-dasharray="7 3"',
  'Synapse, typed': ' stroke-dasharray="2 3"',
  'Synapse, stdio': ' stroke-dasharray="9 2 2 2"',
  'raw shared memory': ' stroke-dasharray="4 3"',
};

/** Where each line's name stands: beside its last value, but never on another name. */
function labelPlaces(series, y) {
  const order = series
    .map(({ values }, index) => ({ index, wish: y(values.findLast((value) => value > 0)) }))
    .sort((a, b) => a.wish - b.wish);
  const places = [];
  let previous = PLOT.top - 16;
  for (const { index, wish } of order) {
    previous = Math.max(wish, previous + 16);
    places[index] = previous;
  }
  const over = Math.max(0, previous - (LINES_HEIGHT - 12));
  return places.map((place) => place - over);
}

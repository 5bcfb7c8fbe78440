// A scenario's result as a table of texts: the same for a terminal and for Markdown.

/** A number with three significant digits or so, as its unit is usually read. */
export function figure(value) {
  const size = Math.abs(value);
  if (size >= 10_000) return Math.round(value).toLocaleString('en');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

/** The columns that at least one entry has a figure for. */
function presentMetrics({ metrics, entries }) {
  return metrics.filter(({ name }) => entries.some((entry) => entry.metrics?.[name] !== undefined));
}

/**
 * One row an entry: the median of each metric, the first of them with its quartiles and, where there is a
 * reference, how many times the reference's it is. Entries that failed are left to `failures()`.
 */
export function tableOf(scenario) {
  const metrics = presentMetrics(scenario);
  const [first, ...others] = metrics;
  const reference = scenario.entries.find(({ key }) => key === scenario.reference);
  const heading = ({ title, unit }) => (unit === '' ? title : `${title}, ${unit}`);
  const present = scenario.entries.filter(({ failure }) => failure === undefined);
  const cell = (summary) => (summary === undefined ? '' : figure(summary.median));
  return {
    headings: [
      '',
      ...(first === undefined ? [] : [heading(first), 'quartiles']),
      ...(reference === undefined ? [] : [`× ${reference.title}`]),
      ...others.map(heading),
    ],
    rows: present.map((entry) => {
      const main = entry.metrics[first.name];
      return [
        entry.title,
        cell(main),
        main === undefined ? '' : `${figure(main.low)} – ${figure(main.high)}`,
        ...(reference === undefined ? [] : [cell(entry.ratios[first.name])]),
        ...others.map(({ name }) => cell(entry.metrics[name])),
      ];
    }),
  };
}

/** Each line of a table with its cells made as wide as the widest of their column, the first to the left, figures to the right. */
export function aligned({ headings, rows }, leastWidth = 0) {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) =>
    Math.max(leastWidth, ...lines.map((line) => line[column].length)),
  );
  return {
    widths,
    lines: lines.map((line) =>
      line.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      ),
    ),
  };
}

/** A sentence for each entry that has no figures. */
export function failures({ entries }) {
  return entries
    .filter(({ failure }) => failure !== undefined)
    .map(({ title, failure }) => `${title}: ${failure}`);
}

// Order statistics of a list of numbers; nothing here knows what was measured.

/** The value below which `fraction` of the sorted sample lies (nearest rank). */
export function quantile(values, fraction) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

/** Median over rounds, with the quartiles of the rounds as its spread. */
export function summarize(rounds) {
  return { median: median(rounds), low: quantile(rounds, 0.25), high: quantile(rounds, 0.75) };
}

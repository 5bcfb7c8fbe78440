// Order statistics of a list of numbers; nothing here knows what was measured.

/** The value below which `fraction` of the sample lies (nearest rank). */
export function quantile(values, fraction) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))];
}

/** The middle of the sample; of an even number of values, the mean of the middle two. */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median over rounds, with the quartiles of the rounds as its spread. */
export function summarize(rounds) {
  return { median: median(rounds), low: quantile(rounds, 0.25), high: quantile(rounds, 0.75) };
}

/** What each round's value is to the reference's of the same round; then the same summary. */
export function summarizeRatios(rounds, references) {
  return summarize(rounds.map((value, round) => value / references[round]));
}

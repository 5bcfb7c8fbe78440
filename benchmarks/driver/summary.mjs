// Entries of a contest as what is reported: medians with quartiles, and ratios to the reference round by round.
import { summarize, summarizeRatios } from '../statistics.mjs';

const valuesOf = (entry, metric) => entry.rounds.map((round) => round[metric]);

/** Five digits are more than any measurement is good for. */
const shortened = (round) =>
  Object.fromEntries(
    Object.entries(round).map(([name, value]) => [name, Number(value.toPrecision(5))]),
  );

function summarizeEntry(entry, scenario, reference) {
  const { key, title, about, failure, rounds } = entry;
  if (failure !== undefined) return { key, title, about, failure: failure.split('\n')[0] };
  const metrics = {};
  const ratios = {};
  for (const { name } of scenario.metrics) {
    if (rounds.some((round) => !Number.isFinite(round[name]))) continue;
    metrics[name] = summarize(valuesOf(entry, name));
    const others = reference === undefined ? [] : valuesOf(reference, name);
    if (others.length === rounds.length && others.every((other) => other > 0))
      ratios[name] = summarizeRatios(valuesOf(entry, name), others);
  }
  return { key, title, about, metrics, ratios, rounds: rounds.map(shortened) };
}

/** One scenario's part of the result, complete enough to draw it without the scenario. */
export function summarizeContest(scenario, plan, entries) {
  const reference = entries.find(
    ({ key, failure }) => key === scenario.reference && failure === undefined,
  );
  const { name, title, about, group, size, label, metrics, pinned } = scenario;
  return {
    name,
    title,
    about,
    ...(group !== undefined && { group, size, label }),
    metrics,
    pinned: pinned === true,
    reference: reference?.key,
    plan,
    entries: entries.map((entry) => summarizeEntry(entry, scenario, reference)),
  };
}

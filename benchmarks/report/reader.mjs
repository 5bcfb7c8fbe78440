// Reads a result by names: medians, and ratios of two contenders round by round. What a run lacks is undefined; what
// failed in it is not a number.
import { median } from '../statistics.mjs';
import { figure } from './tables.mjs';

export class Reader {
  #scenarios;

  constructor({ scenarios }) {
    this.#scenarios = new Map(scenarios.map((scenario) => [scenario.name, scenario]));
  }

  #rounds(scenario, key, metric) {
    const entry = this.#scenarios.get(scenario)?.entries.find((one) => one.key === key);
    if (entry?.failure !== undefined) return [Number.NaN];
    const values = entry?.rounds?.map((round) => round[metric]);
    return values?.every(Number.isFinite) ? values : undefined;
  }

  value(scenario, key, metric) {
    const rounds = this.#rounds(scenario, key, metric);
    return rounds && median(rounds);
  }

  /** How many times the other's the one's is. */
  ratio(scenario, key, other, metric) {
    const rounds = this.#rounds(scenario, key, metric);
    const others = this.#rounds(scenario, other, metric);
    if (rounds === undefined || others === undefined) return undefined;
    return median(rounds.map((value, at) => value / others[at]));
  }

  /** How the same goes for the limit, told beside what was measured: not all of a figure is ours. */
  beside(scenario, key, metric, unit) {
    const limit = this.value(scenario, key, metric);
    return limit === undefined ? '' : ` (${figure(limit)}${unit} without us)`;
  }

  /** How much more the one's is than the other's. */
  difference(scenario, key, other, metric) {
    const rounds = this.#rounds(scenario, key, metric);
    const others = this.#rounds(scenario, other, metric);
    if (rounds === undefined || others === undefined) return undefined;
    return median(rounds.map((value, at) => value - others[at]));
  }
}

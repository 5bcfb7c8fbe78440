// One scenario: its contenders side by side, each in its own process, taking turns A B C A B C.
import { loadContender, missingPackages } from '../contenders/index.mjs';
import { Lane } from './lane.mjs';
import { Others } from './others.mjs';

const OPENED_AT_A_TIME = 2;

/** One contender's part in a contest: what its turns gave, or why it is not there. */
class Entry {
  rounds = [];
  #lane;

  constructor(entrant, title, about) {
    this.key = entrant.key;
    this.title = title;
    this.about = about;
  }

  async open(scenario, plan, { core, python }) {
    this.#lane = new Lane(scenario.name, this.key);
    await this.#guarded(async (lane) => {
      await lane.ready;
      await lane.open({ python, plan, core });
    });
  }

  async takeTurn(plan) {
    await this.#guarded(async (lane) => this.rounds.push(await lane.turn(plan)));
  }

  async close() {
    await this.#lane?.close();
    this.#lane = undefined;
  }

  /** What fails once takes no further turns. */
  async #guarded(doing) {
    if (this.failure !== undefined) return;
    try {
      await doing(this.#lane);
    } catch (error) {
      this.failure = error.message;
      await this.close();
    }
  }
}

/** The entrants of a scenario that are wanted: those named by their key or their contender, or all that its plan is not without. */
export function wantedEntrants(scenario, { without = [] }, names) {
  return scenario.entrants.filter(({ key, contender }) =>
    names === undefined ? !without.includes(key) : names.has(key) || names.has(contender),
  );
}

/** The module whose environment an entrant needs, if any. */
export const moduleOf = ({ options }, contender) => options?.module ?? contender.module;

async function enter(entrant, { pythonModules, notBuilt }) {
  const contender = await loadContender(entrant.contender);
  const entry = new Entry(
    entrant,
    entrant.title ?? contender.title,
    entrant.about ?? contender.about,
  );
  const missing = missingPackages(contender, pythonModules);
  if (missing.length > 0) entry.failure = `not installed: ${missing.join(', ')}`;
  entry.failure ??= notBuilt.get(moduleOf(entrant, contender));
  return entry;
}

/**
 * Runs one scenario.
 *
 * @param conditions `python`, what it has in `pythonModules`, why environments are `notBuilt`, the `core` for scenarios that are pinned, and `entrants` if not all are wanted
 * @returns the entries with the metrics of each of their rounds, and what others used meanwhile
 */
export async function contest(scenario, plan, conditions) {
  const entries = await Promise.all(
    wantedEntrants(scenario, plan, conditions.entrants).map((entrant) =>
      enter(entrant, conditions),
    ),
  );
  const present = entries.filter(({ failure }) => failure === undefined);
  const place = { python: conditions.python, core: scenario.pinned ? conditions.core : undefined };
  const others = new Others();
  if (plan.freshProcesses) await inFreshProcesses(present, scenario, plan, place, others);
  else await sideBySide(present, scenario, plan, place, others);
  return { entries, others };
}

/** All stay open; every round starts one further on, so that whatever else the machine does hits them alike. */
async function sideBySide(entries, scenario, plan, place, others) {
  await openAll(entries, scenario, plan, place);
  await others.during(async () => {
    for (let round = 0; round < plan.rounds; round += 1)
      for (let turn = 0; turn < entries.length; turn += 1)
        await entries[(round + turn) % entries.length].takeTurn(plan);
  });
  for (const entry of entries) await entry.close();
}

/** Opens and warms up a few at a time: as warm-ups go by processor time, one beside another is as good. */
async function openAll(entries, scenario, plan, place) {
  const waiting = [...entries];
  const opener = async () => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift())
      await entry.open(scenario, plan, place);
  };
  await Promise.all(Array.from({ length: OPENED_AT_A_TIME }, opener));
}

/** A process for each turn, where open ones would be in each other's way or hold too much memory. */
async function inFreshProcesses(entries, scenario, plan, place, others) {
  for (let round = 0; round < plan.rounds; round += 1) {
    for (let turn = 0; turn < entries.length; turn += 1) {
      const entry = entries[(round + turn) % entries.length];
      if (entry.failure !== undefined) continue;
      await others.during(async () => {
        await entry.open(scenario, plan, place);
        await entry.takeTurn(plan);
      });
      await entry.close();
    }
  }
}

// Scenarios of a result that are measured anew: a whole run takes long, and a change concerns some of them.

/** What has to be alike, or figures of two runs must not stand on one page. */
const ALIKE = ['mode', 'node', 'system', 'processor', 'cores', 'memoryGb', 'pinned'];

/** @throws {Error} when a result was measured on another machine, with other versions, or not as long */
export function expectAlike(result, conditions) {
  const facts = (of) => JSON.stringify([...ALIKE.map((name) => of[name]), of.python, of.npm]);
  if (facts(result.conditions) === facts(conditions)) return;
  throw new Error(
    `The result was measured under other conditions than these are: machine, versions and mode have to be the same. Measure all of it: make bench.\n  then ${facts(result.conditions)}\n  now  ${facts(conditions)}`,
  );
}

/** A result with scenarios that were measured anew in the place of those of their names. */
export function renewed(result, { conditions, scenarios }) {
  const { began, commit, command } = conditions;
  const anew = new Map(
    scenarios.map((scenario) => [scenario.name, { ...scenario, anew: { began, commit, command } }]),
  );
  return {
    ...result,
    scenarios: result.scenarios.map((scenario) => anew.get(scenario.name) ?? scenario),
  };
}

// Whether what a plan reads can hold instances of services, which somebody has to give back.

import type { Plan } from './plan.js';

const known = new WeakMap<Plan, boolean>();

/** Whether an instance of a service can be anywhere in a value of this plan. Found out once for each plan. */
export function holdsInstances(plan: Plan): boolean {
  let holds = known.get(plan);
  if (holds === undefined) {
    holds = search(plan, new Set());
    known.set(plan, holds);
  }
  return holds;
}

/** `seen` are the plans on the way: those of trees contain themselves. */
function search(plan: Plan, seen: Set<Plan>): boolean {
  if (plan.isInstance === true) return true;
  if (seen.has(plan)) return false;
  seen.add(plan);
  return plan.parts?.().some((part) => search(part, seen)) === true;
}

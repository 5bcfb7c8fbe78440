/** Finds the method of a call by the names that users know: those of the generated client. */
import type { MethodSpec } from '../core/client/method.js';
import type { ModuleSpec } from '../core/client/module-spec.js';

/** Where a method stands: `quote`, or `increment` of `Counter`. */
export interface MemberName {
  readonly service: string | undefined;
  readonly name: string;
}

/** Every method of a module, by its description. */
export function memberNames(spec: ModuleSpec): ReadonlyMap<MethodSpec, MemberName> {
  const members = new Map<MethodSpec, MemberName>();
  for (const [name, method] of Object.entries(spec.methods)) {
    members.set(method, { service: undefined, name });
  }
  for (const [service, { methods }] of Object.entries(spec.services ?? {})) {
    for (const [name, method] of Object.entries(methods)) members.set(method, { service, name });
  }
  return members;
}

/** As it is written: `quote` or `Counter.increment`. */
export function display({ service, name }: MemberName): string {
  return service === undefined ? name : `${service}.${name}`;
}

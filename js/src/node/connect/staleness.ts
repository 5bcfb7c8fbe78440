/**
 * Tells whether a generated client still fits its module: a worker is asked for the hash of its
 * schema and, where that is another, for the lines of its members, which name the difference.
 */
import type { Home } from '../../core/client/module-runtime.js';
import type { ModuleSpec } from '../../core/client/module-spec.js';
import { StaleClientError } from '../../core/errors.js';
import { SynapseError } from '../../core/protocol/errors.js';

/** What becomes of a client that does not fit. */
export type StalePolicy = 'error' | 'warn' | 'ignore';

/** The client as this check needs it. */
export interface StaleableClient {
  /** Asks a worker, or a certain one, what its module is now. */
  describe(hash: string, home?: Home): Promise<unknown>;
  /** Told of each worker that took the place of another. */
  onReplaced: ((home: Home) => void) | undefined;
}

interface ClientFacts extends Pick<ModuleSpec, 'module' | 'directory' | 'hash' | 'members'> {
  /** `synapse dev` writes the client anew by itself: what is left to do is another. */
  readonly developed?: boolean;
}

type Members = Readonly<Record<string, string>>;

/**
 * Checks a client that has just connected and, from then on, every worker that replaces another:
 * it may have started with newer code. Of those, each new schema is warned of once.
 *
 * @throws {StaleClientError} under the policy `error`, at connect
 */
export async function guardStaleness(
  client: StaleableClient,
  spec: ClientFacts,
  policy: StalePolicy,
  warn: (message: string) => void,
): Promise<void> {
  if (policy === 'ignore') return;
  const stale = staleness(spec, await client.describe(spec.hash));
  if (stale !== undefined && policy === 'error') throw stale;
  if (stale !== undefined) warn(stale.message);
  let told = stale?.details.actual;
  client.onReplaced = (home) => {
    client
      .describe(spec.hash, home)
      .then((reply) => {
        const fresh = staleness(spec, reply);
        if (fresh !== undefined && fresh.details.actual !== told) warn(fresh.message);
        told = fresh?.details.actual;
      })
      // A worker that has gone again by now is replaced once more, and that one is asked.
      .catch(() => undefined);
  };
}

/** Returns how client and module differ, as an error; undefined when they are one. */
export function staleness(spec: ClientFacts, reply: unknown): StaleClientError | undefined {
  const { hash, members = {} } = (reply ?? {}) as { hash?: unknown; members?: Members };
  if (typeof hash !== 'string') {
    const message = `The worker of "${spec.module}" did not say which schema it has.`;
    throw new SynapseError('SCHEMA_INVALID', message);
  }
  if (hash === spec.hash) return undefined;
  const difference = firstDifference(spec.members, members);
  return new StaleClientError(
    `The client of "${spec.module}" is stale: ${difference} ${advice(spec)}`,
    { difference, expected: spec.hash, actual: hash },
  );
}

function advice({ developed, directory }: ClientFacts): string {
  if (developed) return '`synapse dev` writes it anew: restart the app to use it.';
  return `Run \`npx synapse generate ${directory}\`. Or connect with { stale: "warn" }.`;
}

/** The first difference, in words; members are looked at by name. */
function firstDifference(before: Members, now: Members): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  for (const name of names) {
    const [old, fresh] = [own(before, name), own(now, name)];
    if (old === fresh) continue;
    if (fresh === undefined) return `Python has no ${quoted(name)} any more.`;
    if (old === undefined) return `Python has ${quoted(name)} now, as ${fresh}.`;
    return `${quoted(name)} was ${old}, in Python it is ${fresh} now.`;
  }
  return 'the schemas differ in what their members do not show.';
}

function own(members: Members, name: string): string | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** A member as messages write it: functions by their name alone, others with their kind. */
function quoted(name: string): string {
  const [kind, rest] = name.split(' ', 2);
  return rest === undefined ? `"${name}"` : `${kind} "${rest}"`;
}

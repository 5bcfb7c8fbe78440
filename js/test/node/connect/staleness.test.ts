import { describe, expect, it } from '@jest/globals';
import {
  guardStaleness,
  type StaleableClient,
  staleness,
} from '../../../src/node/connect/staleness.js';

const SPEC = {
  module: 'pricing',
  directory: 'pricing',
  hash: 'old',
  members: { quote: '(symbol: str) -> Quote', 'type Quote': 'dataclass {price: float}' },
};

describe('A client', () => {
  it('fits a module of the same hash', () => {
    expect(staleness(SPEC, { hash: 'old' })).toBeUndefined();
  });

  it.each([
    [
      'that changed',
      { ...SPEC.members, quote: '(symbol: str, depth: int) -> Quote' },
      '"quote" was (symbol: str) -> Quote, in Python it is (symbol: str, depth: int) -> Quote now.',
    ],
    ['that is gone', { quote: SPEC.members.quote }, 'Python has no type "Quote" any more.'],
    [
      'that is new',
      { ...SPEC.members, alone: '() -> None' },
      'Python has "alone" now, as () -> None.',
    ],
    ['that no member shows', SPEC.members, 'the schemas differ in what their members do not show.'],
  ])('is told of the first difference: a member %s', (_, members, difference) => {
    const error = staleness(SPEC, { hash: 'new', members });
    expect(error).toMatchObject({
      name: 'StaleClientError',
      code: 'STALE_CLIENT',
      details: { difference, expected: 'old', actual: 'new' },
    });
    expect(error?.message).toContain(difference);
    expect(error?.message).toContain('`npx synapse generate pricing`');
  });

  it('whose module synapse dev looks after needs its program restarted, nothing else', () => {
    const error = staleness({ ...SPEC, developed: true }, { hash: 'new', members: SPEC.members });
    expect(error?.message).toMatch(/`synapse dev` writes it anew: restart the app to use it\.$/);
    expect(error?.message).not.toContain('synapse generate');
  });

  it('does not guess where the worker says nothing', () => {
    expect(() => staleness(SPEC, null)).toThrow('did not say which schema it has');
  });
});

/** A client whose workers have the schemas of `hashes`, one after another. */
function clientOf(...hashes: (string | Error)[]): StaleableClient {
  return {
    onReplaced: undefined,
    describe: async () => {
      const hash = hashes.shift();
      if (hash instanceof Error) throw hash;
      return { hash, members: {} };
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The guard', () => {
  it('rejects, warns or says nothing, as it was told', async () => {
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    await expect(guardStaleness(clientOf('new'), SPEC, 'error', warn)).rejects.toMatchObject({
      code: 'STALE_CLIENT',
    });
    await guardStaleness(clientOf('new'), SPEC, 'ignore', warn);
    expect(warnings).toEqual([]);
    await guardStaleness(clientOf('new'), SPEC, 'warn', warn);
    expect(warnings).toEqual([expect.stringContaining('stale')]);
  });

  it('warns once of each schema that replaced workers come with', async () => {
    const warnings: string[] = [];
    const client = clientOf('old', 'new', 'new', new Error('gone again'), 'newer');
    await guardStaleness(client, SPEC, 'error', (message) => warnings.push(message));
    for (const count of [1, 1, 1, 2]) {
      client.onReplaced?.({});
      await settled();
      expect(warnings).toHaveLength(count);
    }
  });
});

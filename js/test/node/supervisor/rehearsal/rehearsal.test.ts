import { describe, expect, it } from '@jest/globals';
import { poolPolicyOf } from '../../../../src/node/connect/pool-options.js';
import { rehearse } from '../../../../src/node/supervisor/rehearsal/rehearsal.js';
import { spawned } from '../../support/spawned.js';

const ANSWER = {
  ...{ text: 'text', short: 1, long: 100_000, fraction: 0.5, yes: true, nothing: null },
  list: ['text', 1],
};

describe.each(['native', 'raw'] as const)('The rehearsal of a %s call', (dialect) => {
  it.each([
    ['as by default', {}],
    ['without a watchdog', { watchdog: false }],
    ['under limits', { concurrency: 1, limits: { memoryBytes: 1 }, recycle: { calls: 1 } }],
    ['of many workers', { workers: { min: 0, max: 8 } }],
  ] as const)('goes all the way in a pool %s, and starts no process', async (_, options) => {
    expect(await rehearse(dialect, poolPolicyOf(options))).toEqual(ANSWER);
    expect(spawned()).toEqual([]);
  });
});

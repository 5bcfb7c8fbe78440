import os from 'node:os';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { poolPolicyOf } from '../../../../src/node/connect/pool-options.js';
import type * as FirstStart from '../../../../src/node/supervisor/rehearsal/first-start.js';

const POLICY = poolPolicyOf({});
const aTurn = () => new Promise((resolve) => setImmediate(resolve));

let rehearseAtFirstStart: typeof FirstStart.rehearseAtFirstStart;
const played: string[] = [];
const play = (dialect: string) => Promise.resolve(played.push(dialect));

beforeEach(async () => {
  jest.spyOn(os, 'availableParallelism').mockReturnValue(2);
  played.length = 0;
  await jest.isolateModulesAsync(async () => {
    ({ rehearseAtFirstStart } = await import(
      '../../../../src/node/supervisor/rehearsal/first-start.js'
    ));
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('A first call', () => {
  it('is rehearsed once in a process, when the work at hand is done', async () => {
    rehearseAtFirstStart('raw', POLICY, play);
    rehearseAtFirstStart('native', POLICY, play);
    expect(played).toEqual([]);
    await aTurn();
    rehearseAtFirstStart('native', POLICY, play);
    await aTurn();
    expect(played).toEqual(['raw']);
  });

  it('is not rehearsed where Python would wait for that', async () => {
    jest.spyOn(os, 'availableParallelism').mockReturnValue(1);
    rehearseAtFirstStart('native', POLICY, play);
    await aTurn();
    expect(played).toEqual([]);
  });

  it('may fail to be rehearsed, and nobody is told', async () => {
    const told: unknown[] = [];
    const tell = (reason: unknown): unknown => told.push(reason);
    process.on('unhandledRejection', tell);
    try {
      rehearseAtFirstStart('native', POLICY, async () => {
        played.push('badly');
        throw new Error('a slip of the tongue');
      });
      await aTurn();
      await aTurn();
      expect([played, told]).toEqual([['badly'], []]);
    } finally {
      process.off('unhandledRejection', tell);
    }
  });
});

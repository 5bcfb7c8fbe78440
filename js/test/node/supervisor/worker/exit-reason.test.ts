import { describe, expect, it } from '@jest/globals';
import { type EndFacts, exitReason } from '../../../../src/node/supervisor/worker/exit-reason.js';

const ENDED: EndFacts = {
  ...{
    signal: null,
    isUnseen: false,
    isOwnSignal: false,
    crashed: false,
    brokeProtocol: false,
    wasReady: true,
  },
  ...{ asked: undefined, killedFor: undefined, wasOutOfMemory: () => false },
};
const reasonOf = (facts: Partial<EndFacts>) => exitReason({ ...ENDED, ...facts });

describe('A worker that ended by itself', () => {
  it.each<[string, Partial<EndFacts>, string]>([
    ['left', {}, 'exited'],
    ['raised', { crashed: true }, 'crashed'],
    ['touched the null pointer', { signal: 'SIGSEGV' }, 'crashed'],
    ['aborted', { signal: 'SIGABRT' }, 'crashed'],
    ['was killed from outside', { signal: 'SIGKILL' }, 'killed'],
    ['was told to end from outside', { signal: 'SIGTERM' }, 'killed'],
    [
      'was chosen by the kernel',
      { signal: 'SIGKILL', wasOutOfMemory: () => true },
      'out-of-memory',
    ],
    ['used up its processor time', { signal: 'SIGXCPU' }, 'cpu-limit'],
    ['sent what it must not', { brokeProtocol: true, signal: 'SIGTERM' }, 'protocol'],
    ['raised while it started', { wasReady: false, crashed: true }, 'start-failed'],
    ['left while it started', { wasReady: false }, 'start-failed'],
    ['crashed while it started', { wasReady: false, signal: 'SIGSEGV' }, 'start-failed'],
    ['was seen by nobody', { isUnseen: true }, 'killed'],
    ['was seen by nobody while it started', { isUnseen: true, wasReady: false }, 'killed'],
    ['was killed while it started', { wasReady: false, signal: 'SIGKILL' }, 'killed'],
  ])('because it %s says so', (_, facts, reason) => {
    expect(reasonOf(facts)).toBe(reason);
  });
});

describe('A worker that was asked to end', () => {
  it('ends for that, also by our own signals', () => {
    expect(reasonOf({ asked: 'recycled' })).toBe('recycled');
    expect(reasonOf({ asked: 'closed', signal: 'SIGTERM', isOwnSignal: true })).toBe('closed');
  });

  it('but dies of something else dies of that', () => {
    expect(reasonOf({ asked: 'recycled', signal: 'SIGSEGV' })).toBe('crashed');
    expect(reasonOf({ asked: 'idle', signal: 'SIGKILL' })).toBe('killed');
  });

  it('and is killed in the end for a reason has that reason', () => {
    const facts = { asked: 'closed', killedFor: 'memory-limit', signal: 'SIGKILL' } as const;
    expect(reasonOf(facts)).toBe('memory-limit');
  });

  it('does not claim kills of the kernel', () => {
    const claimed = () => {
      throw new Error('nobody asked');
    };
    expect(
      reasonOf({ asked: 'closed', signal: 'SIGKILL', isOwnSignal: true, wasOutOfMemory: claimed }),
    ).toBe('closed');
  });
});

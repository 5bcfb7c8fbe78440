/** How a call is treated: by its own options, else by its method's, else by the client's. */
import { describe, expect, it } from '@jest/globals';
import type { CallOptions } from '../../../src/core/client/client.js';
import {
  type CallDefaults,
  CallPolicies,
  checkCallOptions,
  checkMethodsExist,
} from '../../../src/node/connect/call-options.js';
import { EditedModule, edition } from '../support/edited-module.js';
import { nativeClient } from '../support/launch.js';
import { errorOf } from '../support/waiting.js';

describe('The policy of a call', () => {
  it('has no limits where nobody set any', () => {
    expect(new CallPolicies({}).of('quote', {})).toEqual({
      ...{ runMs: 0, queueMs: 0, totalMs: 0, idleMs: 0 },
      ...{ priority: 0, idempotent: undefined, retries: 2 },
    });
  });

  it('comes from the call, then the method, then the client', () => {
    const policies = new CallPolicies({
      ...{ timeoutMs: 1, queueTimeoutMs: 2, totalTimeoutMs: 3, idleTimeoutMs: 4, retries: 5 },
      methods: { quote: { timeoutMs: 10, totalTimeoutMs: 30, priority: 7, idempotent: true } },
    });
    expect(policies.of('quote', { totalTimeoutMs: 300, idempotent: false })).toEqual({
      ...{ runMs: 10, queueMs: 2, totalMs: 300, idleMs: 4 },
      ...{ priority: 7, idempotent: false, retries: 5 },
    });
    expect(policies.of('other', {})).toEqual({
      ...{ runMs: 1, queueMs: 2, totalMs: 3, idleMs: 4 },
      ...{ priority: 0, idempotent: undefined, retries: 5 },
    });
  });

  it('is one object for all calls of a method that say nothing of it', () => {
    const policies = new CallPolicies({ methods: { quote: { timeoutMs: 1 } } });
    expect(policies.of('quote', { onProgress: () => undefined })).toBe(policies.standard('quote'));
    expect(policies.of('a', {})).toBe(policies.standard('b'));
  });

  it('turns a limit off with 0', () => {
    expect(new CallPolicies({ timeoutMs: 5 }).of('quote', { timeoutMs: 0 }).runMs).toBe(0);
  });

  it.each<[unknown, RegExp]>([
    [{ totalTimeoutMs: -1 }, /^totalTimeoutMs must be a number of at least 0, not -1\.$/],
    [{ retries: 1.5 }, /retries must be an integer of at least 0, not 1\.5/],
    [{ methods: [] }, /methods must be an object/],
    [{ methods: { quote: 5 } }, /methods\.quote must be an object with timeoutMs,/],
    [{ methods: { quote: { timeout: 5 } } }, /methods\.quote has no option "timeout"; it has/],
    [{ methods: { quote: { idleTimeoutMs: 'x' } } }, /methods\.quote\.idleTimeoutMs must be/],
    [{ methods: { quote: { concurrency: 0 } } }, /methods\.quote\.concurrency must be an integer/],
    [{ methods: { quote: { priority: 0.5 } } }, /methods\.quote\.priority must be an integer/],
  ])('is refused where the defaults make no sense: %j', (defaults, message) => {
    expect(() => new CallPolicies(defaults as CallDefaults)).toThrow(message);
  });
});

describe('The options of a call', () => {
  it('are these', () => {
    checkCallOptions({
      ...{ timeoutMs: 1, queueTimeoutMs: 0, totalTimeoutMs: Number.POSITIVE_INFINITY },
      ...{ idleTimeoutMs: 2, priority: -3, idempotent: true, onProgress: () => undefined },
      ...{
        sliced: true,
        traceparent: '00-…',
        tracestate: 'a=b',
        signal: new AbortController().signal,
      },
    });
  });

  it.each<[unknown, RegExp]>([
    [{ timeout: 1 }, /A call has no option "timeout"; it has idempotent, idleTimeoutMs,/],
    [{ priority: Number.NaN }, /priority must be an integer, not NaN/],
    [{ idempotent: 1 }, /idempotent must be true or false, not 1/],
    [{ sliced: 'yes' }, /sliced must be true or false, not yes/],
    [{ traceparent: 7 }, /traceparent must be a string, not 7/],
    [{ signal: {} }, /signal must be an AbortSignal/],
    [[], /The options of a call must be an object, not an array/],
  ])('are refused where they make no sense: %j', (options, message) => {
    expect(() => checkCallOptions(options as CallOptions)).toThrow(message);
  });
});

describe('A method that the module does not have', () => {
  it('is refused when connecting, with those it has', async () => {
    const failure = await errorOf(nativeClient({ methods: { ehco: { concurrency: 1 } } }));
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(failure.message).toMatch(
      /^methods\.ehco: "native" has no method "ehco"; it has [\w, .]*\becho\b/,
    );
  });

  it('is refused at the first call where no worker is started before', async () => {
    const client = await nativeClient({ workers: { min: 0, max: 2 }, methods: { ehco: {} } });
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = await errorOf(client.call('echo', [1]));
      expect(failure).toMatchObject({ code: 'INVALID_CONFIG' });
      expect(failure.message).toMatch(/^methods\.ehco: "native" has no method "ehco"; it has /);
      expect(client.workers).toEqual([]);
    }
  });

  it('is refused when other code is loaded, which leaves the workers that there are', async () => {
    const module = new EditedModule(edition(1));
    const client = await module.start({ methods: { edition: { concurrency: 1 } } });
    module.save(edition(2).replaceAll('def edition', 'def release'));
    const failure = await errorOf(client.reload());
    expect(failure.message).toMatch(/^methods\.edition: "edited" has no method "edition"; it has /);
    expect(await client.call('edition')).toBe(1);
  });

  it('is told so where there is none at all, and what makes an instance is none', () => {
    const offered = new Map<string, unknown>();
    expect(() => checkMethodsExist('shop', { quote: {} }, offered)).toThrow('it has none.');
    checkMethodsExist('shop', { 'Cart.$new': { timeoutMs: 5 } }, offered);
    checkMethodsExist('shop', undefined, offered);
  });
});

import { expect, jest, test } from '@jest/globals';
import type { EnvironmentEvent } from '../../../src/node/env/events.js';
import { SharedBuild } from '../../../src/node/env/shared-build.js';

/** A build whose end the test decides. */
function pending() {
  const { promise, resolve, reject } = withResolvers<string>();
  const parts: { signal?: AbortSignal; report?: (event: EnvironmentEvent) => void } = {};
  const shared = new SharedBuild<string>((signal, report) => {
    Object.assign(parts, { signal, report });
    return promise;
  });
  return { shared, resolve, reject, parts };
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

test('all waiters get the one result', async () => {
  const { shared, resolve } = pending();
  const all = Promise.all([shared.join({}), shared.join({}), shared.join({})]);
  resolve('built');
  expect(await all).toEqual(['built', 'built', 'built']);
});

test('all waiters get the one failure', async () => {
  const { shared, reject } = pending();
  const all = Promise.allSettled([shared.join({}), shared.join({})]);
  reject(new Error('no network'));
  const reasons = (await all).map((end) => (end as PromiseRejectedResult).reason.message);
  expect(reasons).toEqual(['no network', 'no network']);
});

test('every waiter hears every event while it waits', async () => {
  const { shared, resolve, parts } = pending();
  const first = jest.fn();
  const second = jest.fn();
  const joined = [shared.join({ onEvent: first }), shared.join({ onEvent: second })];
  parts.report?.({ event: 'log', line: 'hello' });
  resolve('built');
  await Promise.all(joined);
  expect(first.mock.calls).toEqual([[{ event: 'log', line: 'hello' }]]);
  expect(second).toHaveBeenCalledTimes(1);
});

test('a waiter that gives up leaves the build to the others', async () => {
  const { shared, resolve, parts } = pending();
  const gaveUp = new AbortController();
  const impatient = shared.join({ signal: gaveUp.signal });
  const patient = shared.join({ signal: new AbortController().signal });
  gaveUp.abort(new Error('enough'));
  await expect(impatient).rejects.toThrow('enough');
  expect(parts.signal?.aborted).toBe(false);
  resolve('built');
  expect(await patient).toBe('built');
});

test('the build is cancelled with the last waiter, and nobody may join it any more', async () => {
  const { shared, parts } = pending();
  const one = new AbortController();
  const other = new AbortController();
  const waits = [shared.join({ signal: one.signal }), shared.join({ signal: other.signal })];
  one.abort();
  await expect(waits[0]).rejects.toThrow();
  expect(shared.isCancelled).toBe(false);
  other.abort();
  await expect(waits[1]).rejects.toThrow();
  expect(parts.signal?.aborted).toBe(true);
  expect(shared.isCancelled).toBe(true);
});

test('a listener that throws ends its own wait, and neither the build nor the other waits', async () => {
  const { shared, resolve, parts } = pending();
  const heard = jest.fn();
  const careless = shared.join({
    onEvent: () => {
      throw new Error('listener bug');
    },
  });
  const careful = shared.join({ onEvent: heard });
  parts.report?.({ event: 'log', line: 'hello' });
  await expect(careless).rejects.toThrow('listener bug');
  expect(parts.signal?.aborted).toBe(false);
  parts.report?.({ event: 'log', line: 'again' });
  resolve('built');
  expect(await careful).toBe('built');
  expect(heard).toHaveBeenCalledTimes(2);
});

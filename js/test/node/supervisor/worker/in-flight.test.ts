/** Beside which calls of a worker another one is not sent to run next. */
import { expect, it } from '@jest/globals';
import type { Task } from '../../../../src/node/supervisor/call/task.js';
import type { Connection } from '../../../../src/node/supervisor/connection/connection.js';
import { InFlight } from '../../../../src/node/supervisor/worker/in-flight.js';
import { WorkEstimates } from '../../../../src/node/supervisor/worker/work-estimate.js';
import { inOneMoment } from '../../../../src/node/transport/moment.js';

type Call = Task<Connection>;

const LONG_AGO_MS = 10_000;

/** A call as a worker's list sees it, sent so many milliseconds ago. */
const call = (agoMs = 0, more: Partial<Call> = {}): Call =>
  ({
    ...{ method: 'short', list: null, waits: false, running: false },
    ...{ dispatchedAt: performance.now() - agoMs, ...more },
  }) as never;

/** Whether a worker at a short call takes one more, to run next, when this has happened before. */
function hasNextAfter(before: (sent: InFlight<Connection>) => void, next: Call = call()): boolean {
  const known = new WorkEstimates();
  known.observe('short', 5);
  const sent = new InFlight<Connection>(known, () => undefined);
  before(sent);
  let said = false;
  inOneMoment(() => {
    sent.push(call(), true);
    said = sent.hasNext(next, true);
  }, undefined);
  return said;
}

it('one of a few milliseconds has another next', () => {
  expect(hasNextAfter(() => undefined)).toBe(true);
});

it('not beside a call of another kind, however long that has been there, nor right after one', () => {
  const ended = (agoMs: number) => (sent: InFlight<Connection>) => {
    const beside = call(agoMs);
    sent.push(beside, false);
    sent.delete(beside, true);
  };
  expect(hasNextAfter((sent) => sent.push(call(LONG_AGO_MS), false))).toBe(false);
  expect(hasNextAfter(ended(0))).toBe(false);
  expect(hasNextAfter(ended(LONG_AGO_MS))).toBe(true);
});

it('not right after a call that only this worker can run', () => {
  const bound = (agoMs: number) => (sent: InFlight<Connection>) => {
    const own = call(agoMs, { home: {} });
    sent.push(own, true);
    sent.delete(own, false);
  };
  expect(hasNextAfter(bound(0))).toBe(false);
  expect(hasNextAfter(bound(LONG_AGO_MS))).toBe(true);
});

it('none that nothing could take back, nor one of another kind', () => {
  expect(hasNextAfter(() => undefined, call(0, { home: {} }))).toBe(false);
  expect(hasNextAfter(() => undefined, call(0, { within: {} as never }))).toBe(false);
});

/** What a main thread is sent while it is busy, by what is known of how long its calls take. */
import { describe, expect, it } from '@jest/globals';
import type { Task } from '../../../../src/node/supervisor/call/task.js';
import type { Connection } from '../../../../src/node/supervisor/connection/connection.js';
import { MainThread } from '../../../../src/node/supervisor/worker/main-thread.js';
import { WorkEstimates } from '../../../../src/node/supervisor/worker/work-estimate.js';
import { inOneMoment } from '../../../../src/node/transport/moment.js';

const LONG_AGO_MS = 1000;

function estimates(): WorkEstimates {
  const known = new WorkEstimates();
  known.observe('tiny', 0.1);
  known.observe('short', 5);
  known.observe('long', 20);
  return known;
}

/** A call as a main thread sees it, sent so many milliseconds ago. */
const call = (method: string, agoMs = 0): Task<Connection> =>
  ({ method, list: null, waits: false, dispatchedAt: performance.now() - agoMs }) as never;

/** A thread at these calls, and what it says to one more: that it has room, and that it can be the next. */
function at(methods: readonly string[], more: string, agoMs = 0): [boolean, boolean] {
  const main = new MainThread<Connection>(estimates());
  let said: [boolean, boolean] = [false, false];
  inOneMoment(() => {
    for (const method of methods) main.push(call(method, agoMs));
    said = [main.hasRoom({ method: more }), main.hasNext({ method: more })];
  }, undefined);
  return said;
}

describe('A main thread', () => {
  it('has room when it has nothing to do, whatever comes', () => {
    expect(at([], 'unknown')).toEqual([true, false]);
  });

  it('has room behind calls that are through in no time', () => {
    expect(at(['tiny', 'tiny'], 'tiny')).toEqual([true, false]);
    expect(at(['tiny'], 'short')).toEqual([false, true]);
  });

  it('takes one more behind a short one, to be the next, and no third', () => {
    expect(at(['short'], 'short')).toEqual([false, true]);
    expect(at(['short'], 'tiny')).toEqual([false, true]);
    expect(at(['short', 'short'], 'short')).toEqual([false, false]);
    expect(at(['short', 'tiny'], 'tiny')).toEqual([false, false]);
  });

  it('takes none behind one that is long or not known, and no such one behind another', () => {
    expect(at(['long'], 'tiny')).toEqual([false, false]);
    expect(at(['unknown'], 'tiny')).toEqual([false, false]);
    expect(at(['short'], 'long')).toEqual([false, false]);
    expect(at(['short'], 'unknown')).toEqual([false, false]);
  });

  it('takes none behind one that should be through', () => {
    expect(at(['short'], 'short', LONG_AGO_MS)).toEqual([false, false]);
    expect(at(['tiny'], 'tiny', LONG_AGO_MS)).toEqual([false, false]);
  });

  it('is free when all it has should be through', () => {
    const main = new MainThread<Connection>(estimates());
    const first = call('short');
    main.push(first);
    expect(main.freeAt).toBeCloseTo(first.dispatchedAt + 5);
    main.push(call('short'));
    expect(main.freeAt).toBeCloseTo(first.dispatchedAt + 10);
  });
});

describe('How long a method takes', () => {
  it('is not known before one of its calls has ended by itself', () => {
    const known = new WorkEstimates();
    expect(known.of('nap')).toBe(Number.POSITIVE_INFINITY);
    known.observe('nap', 3, true);
    expect(known.of('nap')).toBe(Number.POSITIVE_INFINITY);
    known.observe('nap', 8);
    expect(known.of('nap')).toBe(8);
  });

  it('follows the calls', () => {
    const known = new WorkEstimates();
    known.observe('nap', 8);
    known.observe('nap', 16);
    expect(known.of('nap')).toBe(9);
  });

  it('is at least what one took that was told to end', () => {
    const known = new WorkEstimates();
    known.observe('nap', 8);
    known.observe('nap', 1, true);
    expect(known.of('nap')).toBe(8);
    known.observe('nap', 16, true);
    expect(known.of('nap')).toBe(9);
  });

  it('is that of methods called like what objects have, too', () => {
    const known = new WorkEstimates();
    expect(known.of('constructor')).toBe(Number.POSITIVE_INFINITY);
    known.observe('__proto__', 2);
    expect(known.of('__proto__')).toBe(2);
  });
});

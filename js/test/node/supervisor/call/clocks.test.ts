import { describe, expect, it } from '@jest/globals';
import {
  type ClockLimits,
  Clocks,
  hasLimits,
} from '../../../../src/node/supervisor/call/clocks.js';
import { FakeTime } from '../../support/fake-time.js';

const NONE: ClockLimits = { queueMs: 0, runMs: 0, totalMs: 0, idleMs: 0 };

function clocksOf(limits: Partial<ClockLimits>) {
  const time = new FakeTime();
  const expired: string[] = [];
  const owner = {
    clockExpired: (clock: string, ms: number) =>
      expired.push(`${clock} of ${ms} at ${time.now() - start}`),
  };
  const clocks = new Clocks({ ...NONE, ...limits }, owner, time);
  const start = time.now();
  clocks.submitted(start);
  return { clocks, time, expired };
}

describe('The clocks of a call', () => {
  it('are there only where one is set', () => {
    expect(hasLimits(NONE)).toBe(false);
    for (const clock of ['queueMs', 'runMs', 'totalMs', 'idleMs']) {
      expect(hasLimits({ ...NONE, [clock]: 1 })).toBe(true);
    }
  });

  it('tell that no worker was found in time', () => {
    const { time, expired } = clocksOf({ queueMs: 50, runMs: 10 });
    time.pass(49);
    expect(expired).toEqual([]);
    time.pass(1);
    expect(expired).toEqual(['queue of 50 at 50']);
  });

  it('forget the wait once a worker is at work', () => {
    const { clocks, time, expired } = clocksOf({ queueMs: 50, runMs: 100 });
    time.pass(40);
    clocks.started(time.now());
    time.pass(99);
    expect(expired).toEqual([]);
    time.pass(1);
    expect(expired).toEqual(['run of 100 at 140']);
  });

  it('forget the wait of a call that may have left the queue, and nothing else', () => {
    const { clocks, time, expired } = clocksOf({ queueMs: 50, runMs: 30, totalMs: 100 });
    time.pass(50);
    clocks.leftQueue();
    time.pass(49);
    expect(expired).toEqual(['queue of 50 at 50']);
    time.pass(1);
    expect(expired).toEqual(['queue of 50 at 50', 'total of 100 at 100']);
  });

  it('count from submission all in all, whatever it waits for', () => {
    const { clocks, time, expired } = clocksOf({ totalMs: 100, runMs: 90 });
    time.pass(60);
    clocks.started(time.now());
    clocks.queued(time.now());
    time.pass(40);
    expect(expired).toEqual(['total of 100 at 100']);
  });

  it('start the wait again for a call that was given back', () => {
    const { clocks, time, expired } = clocksOf({ queueMs: 50 });
    time.pass(40);
    clocks.started(time.now());
    time.pass(40);
    clocks.queued(time.now());
    time.pass(49);
    expect(expired).toEqual([]);
    time.pass(1);
    expect(expired).toEqual(['queue of 50 at 130']);
  });

  it('start the idle one again at each sign of life, and no other', () => {
    const { clocks, time, expired } = clocksOf({ idleMs: 30, runMs: 100 });
    clocks.started(time.now());
    for (let n = 0; n < 4; n++) {
      time.pass(24);
      clocks.stirred();
    }
    expect(expired).toEqual([]);
    time.pass(4);
    expect(expired).toEqual(['run of 100 at 100']);
    const silent = clocksOf({ idleMs: 30, runMs: 100 });
    silent.clocks.started(silent.time.now());
    silent.time.pass(30);
    expect(silent.expired).toEqual(['idle of 30 at 30']);
  });

  it('let the idle one rest while code of the caller runs, and no other', () => {
    const { clocks, time, expired } = clocksOf({ idleMs: 30, runMs: 200 });
    clocks.started(time.now());
    clocks.rest();
    time.pass(100);
    expect(expired).toEqual([]);
    // An item that its worker begins meanwhile changes nothing.
    clocks.started(time.now());
    time.pass(100);
    clocks.goOn();
    time.pass(29);
    expect(expired).toEqual([]);
    time.pass(1);
    expect(expired).toEqual(['idle of 30 at 230']);
  });

  it('stay as they are when such code ends late', () => {
    const left = clocksOf({ idleMs: 30 });
    left.clocks.started(left.time.now());
    left.clocks.rest();
    left.clocks.paused();
    left.clocks.goOn();
    left.time.pass(100);
    const settled = clocksOf({ idleMs: 30 });
    settled.clocks.started(settled.time.now());
    settled.clocks.rest();
    settled.clocks.stop();
    settled.clocks.goOn();
    settled.time.pass(100);
    expect([left.expired, settled.expired]).toEqual([[], []]);
  });

  it('do not run out while nobody waits, but for the total', () => {
    const { clocks, time, expired } = clocksOf({ runMs: 10, idleMs: 10, totalMs: 1000 });
    clocks.started(time.now());
    clocks.paused();
    time.pass(500);
    expect(expired).toEqual([]);
    clocks.started(time.now());
    time.pass(9);
    clocks.paused();
    time.pass(491);
    expect(expired).toEqual(['total of 1000 at 1000']);
  });

  it('stop for good', () => {
    const { clocks, time, expired } = clocksOf({ totalMs: 10 });
    clocks.stop();
    time.pass(100);
    expect(expired).toEqual([]);
  });

  it('never run out where the limit is Infinity', () => {
    const { clocks, time, expired } = clocksOf({ runMs: Number.POSITIVE_INFINITY });
    clocks.started(time.now());
    time.pass(1e12);
    expect(expired).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { PendingCalls } from '../../../../src/node/supervisor/pool/pending-calls.js';
import { FakeTime } from '../../support/fake-time.js';

const LONG = 60_000;
const nobody = (): number => 0;

function pendingOf(count: number): { pending: PendingCalls; time: FakeTime } {
  const time = new FakeTime();
  const pending = new PendingCalls(time);
  for (let n = 0; n < count; n++) pending.add();
  return { pending, time };
}

/** Whether a promise has resolved, once all that can follow by itself has. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  let over = false;
  void waiting.then(() => {
    over = true;
  });
  await new Promise((resume) => setImmediate(resume));
  return over;
}

describe('Pending calls', () => {
  it('are waited for until there are none', async () => {
    const { pending, time } = pendingOf(2);
    const none = pending.none({ limitMs: LONG, held: nobody, graceMs: 0 });
    pending.delete();
    time.pass(LONG - 1);
    expect(await isOver(none)).toBe(false);
    pending.delete();
    expect(await isOver(none)).toBe(true);
    expect(time.pending).toBe(0);
  });

  it('are not waited for where there are none, nor beyond the limit', async () => {
    const { pending: none } = pendingOf(0);
    expect(await isOver(none.none({ limitMs: LONG, held: nobody, graceMs: LONG }))).toBe(true);
    const { pending, time } = pendingOf(1);
    const waiting = pending.none({ limitMs: 5, held: nobody, graceMs: LONG });
    time.pass(4);
    expect(await isOver(waiting)).toBe(false);
    time.pass(1);
    expect(await isOver(waiting)).toBe(true);
  });

  it('that wait for the one who asks have the grace, once there are no others', async () => {
    const { pending, time } = pendingOf(2);
    const none = pending.none({ limitMs: LONG, held: () => 1, graceMs: 5 });
    time.pass(100);
    expect(await isOver(none)).toBe(false);
    pending.delete();
    time.pass(4);
    expect(await isOver(none)).toBe(false);
    time.pass(1);
    expect(await isOver(none)).toBe(true);
    expect(time.pending).toBe(0);
  });

  it('that waited for the one who asks and do no longer are waited for again', async () => {
    const { pending, time } = pendingOf(1);
    let held = 1;
    const none = pending.none({ limitMs: LONG, held: () => held, graceMs: 5 });
    held = 0;
    time.pass(LONG - 1);
    expect(await isOver(none)).toBe(false);
    pending.delete();
    expect(await isOver(none)).toBe(true);
  });
});

import { describe, expect, it } from '@jest/globals';
import { PendingCalls } from '../../../../src/node/supervisor/pool/pending-calls.js';

const LONG = 60_000;
const nobody = (): number => 0;

function pendingOf(count: number): PendingCalls {
  const pending = new PendingCalls();
  for (let n = 0; n < count; n++) pending.add();
  return pending;
}

describe('Pending calls', () => {
  it('are waited for until there are none', async () => {
    const pending = pendingOf(2);
    let over = false;
    const none = pending.none({ limitMs: LONG, held: nobody, graceMs: 0 }).then(() => {
      over = true;
    });
    pending.delete();
    await new Promise((resume) => setImmediate(resume));
    expect(over).toBe(false);
    pending.delete();
    await none;
  });

  it('are not waited for where there are none, nor beyond the limit', async () => {
    await pendingOf(0).none({ limitMs: LONG, held: nobody, graceMs: LONG });
    await pendingOf(1).none({ limitMs: 5, held: nobody, graceMs: LONG });
  });

  it('that wait for the one who asks have the grace, once there are no others', async () => {
    const pending = pendingOf(2);
    const none = pending.none({ limitMs: LONG, held: () => 1, graceMs: 5 });
    pending.delete();
    await none;
  });

  it('that waited for the one who asks and do no longer are waited for again', async () => {
    const pending = pendingOf(1);
    let held = 1;
    let over = false;
    const none = pending.none({ limitMs: LONG, held: () => held, graceMs: 5 }).then(() => {
      over = true;
    });
    held = 0;
    await new Promise((resume) => setTimeout(resume, 20));
    expect(over).toBe(false);
    pending.delete();
    await none;
  });
});

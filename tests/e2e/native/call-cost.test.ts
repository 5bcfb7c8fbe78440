// What a small call takes of Node, counted and not timed: who makes it dearer by accident finds it here.
// docs/performance.md says what each part is.
import { expect, it } from '@jest/globals';
import { Host } from '../support/host.js';
import { sharedModule } from '../support/scratch.js';

interface Counts {
  calls: number;
  bytesPerCall: number;
  PROMISE: number;
  TickObject: number;
  Timeout?: number;
  WRITEWRAP?: number;
  writes: number;
}

/** A young generation so large that nothing is collected while it is counted. */
const NODE_ARGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
const IN_FLIGHT = 64;

it('A small call takes two promises, one write and no timer, and sixteen of a burst one write', async () => {
  const host = new Host('call-cost.mjs', [sharedModule('native')], { nodeArgs: NODE_ARGS });
  host.endInput();
  const { stdout, stderr } = await host.ended;
  expect(stderr).toBe('');
  const { alone, together } = JSON.parse(stdout) as { alone: Counts; together: Counts };
  const bursts = together.calls / IN_FLIGHT;

  // Its own promise and the `await` of whoever made it; a few more for what happens now and then.
  expect(alone.PROMISE / alone.calls).toBeLessThan(2.05);
  expect(together.PROMISE / together.calls).toBeLessThan(2.05);
  // One turn later all that was written together is sent, in one piece.
  expect(alone.TickObject / alone.calls).toBeLessThan(1.05);
  expect(alone.writes / alone.calls).toBeLessThan(1.05);
  expect(together.TickObject / bursts).toBeLessThan(2);
  // Four parts of sixteen calls, a few more where a slow moment holds calls back: Python is at the first
  // of them while Node encodes the others.
  expect(together.writes / bursts).toBeLessThan(4.5);
  for (const { Timeout = 0, WRITEWRAP = 0 } of [alone, together]) {
    expect(Timeout + WRITEWRAP).toBeLessThan(50);
  }
  // Of Node 20, which takes 2397 and 1889.
  expect(alone.bytesPerCall).toBeLessThan(2700);
  expect(together.bytesPerCall).toBeLessThan(2200);
}, 60_000);

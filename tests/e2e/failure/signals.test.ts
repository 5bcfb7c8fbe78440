// The option `handleSignals`: a host that is told to end lets its calls finish first, then ends as it was told.
import { expect, it } from '@jest/globals';
import { Host } from '../support/host.js';
import { isAlive } from '../support/processes.js';
import { sharedModule } from '../support/scratch.js';
import { within } from '../support/waiting.js';

it.each(['SIGTERM', 'SIGINT'] as const)('%s waits for what is under way', async (signal) => {
  const host = new Host('signalled.mjs', [sharedModule('native')]);
  const worker = await host.said<number>('worker');
  expect(isAlive(worker)).toBe(true);
  host.kill(signal);
  expect(await within(30_000, 'the host ends', host.ended)).toMatchObject({ code: null, signal });
  expect(host.stdout).toMatch(/^answer /m);
  expect(isAlive(worker)).toBe(false);
});

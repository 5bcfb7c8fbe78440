/** What calls are told that were to run again and did not, of real workers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { nativeClient } from '../../support/launch.js';
import { errorOf, eventually, linesOf } from '../../support/waiting.js';

const folder = mkdtempSync(join(tmpdir(), 'lost-calls-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('A call that may have run and was to run again', () => {
  it('says so when the circuit is open', async () => {
    const restarts = { max: 0, withinMs: 60_000, coolDownMs: 60_000 };
    const client = await nativeClient({ restarts });
    const path = join(folder, 'circuit');
    const error = await errorOf(client.call('dies_harmlessly', [path, 1]));
    expect(error).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: true, attempts: 1 });
    expect(error).toMatchObject({ retryable: false, reason: 'exited', exitCode: 9 });
    expect(error.cause.name).toBe('CircuitOpenError');
    expect(error.message).toContain(`No other attempt has answered: ${error.cause.message}`);
    expect(linesOf(path)).toHaveLength(1);
    // One that never ran hears of the circuit alone.
    expect((await errorOf(client.call('echo', [1]))).code).toBe('CIRCUIT_OPEN');
  });

  it('says so when the client is closed meanwhile', async () => {
    const client = await nativeClient();
    const again = new Promise<void>((resolve) => client.on('retry', () => resolve()));
    const lost = errorOf(client.call('dies_harmlessly', [join(folder, 'closed'), 1]));
    await again;
    await client.terminate();
    const error = await lost;
    expect(error).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: true, attempts: 1 });
    expect(error.cause.name).toBe('ClosedError');
  });
});

describe('A limit of memory below what a worker needs to start', () => {
  const limits = { memoryBytes: 2 ** 20 };

  it('is what the error of the start names', async () => {
    const error = await errorOf(nativeClient({ limits }));
    expect(error.name).toBe('ModuleStartError');
    expect(error.message).toMatch(/MiB of memory, more than its limit of 1 MiB \(limits\.memoryB/);
  });

  it('fails the calls that wait, and opens the circuit', async () => {
    const client = await nativeClient({ limits, workers: { min: 0, max: 1 } });
    const reasons: (string | undefined)[] = [];
    client.on('workerExit', ({ reason }) => reasons.push(reason));
    const waiting = await Promise.all([1, 2].map((n) => errorOf(client.call('echo', [n]))));
    for (const { message } of waiting) expect(message).toContain('limits.memoryBytes');
    await eventually('the circuit opens', async () => {
      const { code } = await errorOf(client.call('echo', [1]));
      return code === 'CIRCUIT_OPEN';
    });
    expect(new Set(reasons)).toEqual(new Set(['memory-limit']));
  });
});

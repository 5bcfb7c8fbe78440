import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Synapse } from '../../../src/node/synapse/synapse.js';
import { errorOf } from '../support/waiting.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'synapse-options-'));
  writeFileSync(join(folder, 'main.py'), '');
  writeFileSync(join(folder, 'requirements.txt'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('The options of spawn()', () => {
  it.each([
    [{ timeoutMs: -1 }, 'timeoutMs must be a number of at least 0, not -1.'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs must be a number of at least 0, not NaN.'],
    [{ timeout: 1 }, 'has no option "timeout"'],
    [{ channel: 'tcp' }, 'channel must be one of auto, socket, stdio, not tcp.'],
    [null, 'must be an object'],
  ])('are checked before anything is built: %p', async (options, message) => {
    const error = await errorOf(new Synapse().spawn(folder, 'main', options as never));
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toContain(message);
  });

  it('may set a limit of 2^31 ms, which is not over at once', async () => {
    const signal = AbortSignal.timeout(100);
    const spawned = new Synapse().spawn(folder, 'main', { timeoutMs: 2 ** 31, signal });
    expect((await errorOf(spawned)).code).toBe('CALL_CANCELLED');
  });
});

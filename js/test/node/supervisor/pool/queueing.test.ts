/** In which order calls go that wait, when they are refused, and when nothing waits any more. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { PoolClient } from '../../../../src/node/connect/pool-client.js';
import { nativeClient } from '../../support/launch.js';
import { errorOf, linesOf } from '../../support/waiting.js';

const folder = mkdtempSync(join(tmpdir(), 'synapse-queue-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string): string => join(folder, name);

/** Has the only worker at work until it is told. */
function occupy(client: PoolClient): () => Promise<unknown> {
  const stop = new AbortController();
  const nap = errorOf(client.call('nap', [60], {}, { signal: stop.signal }));
  return () => {
    stop.abort();
    return nap;
  };
}

describe('Calls that wait', () => {
  it('go by their priority, and in order where that is the same', async () => {
    const client = await nativeClient();
    const file = fileOf('order');
    const go = occupy(client);
    const calls = [0, -1, 5, 0, 5, 1].map((priority, n) =>
      client.call('append', [file, `${n}`], {}, { priority }),
    );
    expect(client.queued).toBe(6);
    await go();
    await Promise.all(calls);
    expect(linesOf(file)).toEqual(['2', '4', '5', '0', '3', '1']);
  });

  it('take the priority of their method, unless they have one of their own', async () => {
    const client = await nativeClient({ methods: { note: { priority: 1 } } });
    const go = occupy(client);
    const order: string[] = [];
    const note = (text: string, priority?: number): Promise<unknown> =>
      client.call('note', [text], {}, { priority }).then(() => order.push(text));
    const calls = [
      client.call('echo', [1]).then(() => order.push('echo')),
      note('own', -1),
      note('its'),
    ];
    await go();
    await Promise.all(calls);
    expect(order).toEqual(['its', 'echo', 'own']);
  });

  it('are refused beyond the limit, whatever their priority', async () => {
    const client = await nativeClient({ maxQueue: 1 });
    const go = occupy(client);
    const waits = client.call('echo', ['waits']);
    const refused = await errorOf(client.call('echo', [1], {}, { priority: 9 }));
    expect(refused).toMatchObject({ code: 'QUEUE_FULL', maxQueue: 1, queued: 1 });
    await go();
    expect(await waits).toBe('waits');
  });

  it('are not refused where a worker starts for them, however few may wait', async () => {
    const client = await nativeClient({ workers: { min: 0, max: 1 }, maxQueue: 0 });
    const first = client.call('echo', ['first']);
    expect((await errorOf(client.call('echo', ['second']))).code).toBe('QUEUE_FULL');
    expect(await first).toBe('first');
  });

  it('say so, and tell once when nothing waits any more, however the last one left', async () => {
    const client = await nativeClient();
    let drained = 0;
    client.on('drain', () => {
      drained += 1;
    });
    await client.call('echo', ['at once']);
    expect([client.needsDrain, drained]).toEqual([false, 0]);
    const go = occupy(client);
    const calls = [client.call('echo', [1]), client.call('echo', [2])];
    expect(client.needsDrain).toBe(true);
    await go();
    await Promise.all(calls);
    expect([client.needsDrain, drained]).toEqual([false, 1]);

    const goOn = occupy(client);
    const stop = new AbortController();
    const given = errorOf(client.call('echo', [1], {}, { signal: stop.signal }));
    expect(client.needsDrain).toBe(true);
    stop.abort();
    await given;
    expect([client.needsDrain, drained]).toEqual([false, 2]);
    await goOn();
  });
});

describe('A call whose worker dies', () => {
  it('is made again when its caller says that it may be, as often as that is allowed', async () => {
    const client = await nativeClient();
    const again = client.call('dies_at_first', [fileOf('twice'), 2], {}, { idempotent: true });
    expect(await again).toBe(3);
    const never = client.call('dies_at_first', [fileOf('thrice'), 3], {}, { idempotent: true });
    expect(await errorOf(never)).toMatchObject({ code: 'WORKER_EXITED', attempts: 3 });
  });

  it('is made again when its method is declared so, and its caller does not say otherwise', async () => {
    const client = await nativeClient({ retries: 1 });
    expect(await client.call('dies_harmlessly', [fileOf('declared'), 1])).toBe(2);
    const once = client.call('dies_harmlessly', [fileOf('once'), 1], {}, { idempotent: false });
    expect(await errorOf(once)).toMatchObject({ code: 'WORKER_EXITED', attempts: 1 });
    const undeclared = client.call('dies_at_first', [fileOf('undeclared'), 1]);
    expect((await errorOf(undeclared)).code).toBe('WORKER_EXITED');
  });

  it('tells of each repetition', async () => {
    const client = await nativeClient();
    const told: unknown[] = [];
    client.on('retry', ({ method, attempt }) => told.push([method, attempt]));
    await client.call('dies_harmlessly', [fileOf('told'), 2]);
    expect(told).toEqual([
      ['dies_harmlessly', 2],
      ['dies_harmlessly', 3],
    ]);
  });

  it('is not made again beyond its own time', async () => {
    const client = await nativeClient();
    const options = { idempotent: true, totalTimeoutMs: 60, signal: AbortSignal.timeout(30_000) };
    const late = await errorOf(client.call('dies_at_first', [fileOf('late'), 9], {}, options));
    expect(['CALL_TIMEOUT', 'WORKER_EXITED']).toContain(late.code);
    expect(client.queued).toBe(0);
  });

  it('goes before what waits', async () => {
    const client = await nativeClient();
    const order: string[] = [];
    const first = client
      .call('dies_at_first', [fileOf('first'), 1], {}, { idempotent: true })
      .then(() => order.push('again'));
    const waits = client.call('echo', [1]).then(() => order.push('waits'));
    await Promise.all([first, waits]);
    expect(order).toEqual(['again', 'waits']);
  });
});

/** Calls whose arguments are encoded in slices, of real workers: what goes on meanwhile, and how they end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { NdArray } from '../../../../src/core/protocol/codec/nd-array.js';
import { nativeClient } from '../../support/launch.js';
import { errorOf, linesOf } from '../../support/waiting.js';

const SLICED = { sliced: true };
const folder = mkdtempSync(join(tmpdir(), 'synapse-sliced-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Some twenty slices. */
const records = Array.from({ length: 60_000 }, (_, id) => ({
  ...{ id, name: `record ${id}`, score: id / 2 },
  active: id % 2 === 0,
}));

/** The next turn of the event loop, in which the first slice is encoded. */
const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('A call with large arguments in slices', () => {
  it('brings them as they are, over several turns, and lets other calls go ahead', async () => {
    const client = await nativeClient();
    await client.call('echo', [1]);
    const order: string[] = [];
    const large = client.call('echo', [records], {}, SLICED).finally(() => order.push('large'));
    const small = [1, 2, 3].map((n) => client.call('echo', [n]).finally(() => order.push(`${n}`)));
    let turns = 0;
    let done = false;
    void large.finally(() => {
      done = true;
    });
    while (!done) {
      await aTurn();
      turns += 1;
    }
    await Promise.all(small);
    expect(await large).toEqual(records);
    expect(order).toEqual(['1', '2', '3', 'large']);
    expect(turns).toBeGreaterThan(15);
  });

  it('takes small ones too, large buffers, and arguments by name', async () => {
    const client = await nativeClient();
    expect(await client.call('add', [1], { b: 2, c: 3 }, SLICED)).toBe(6);
    const array = new NdArray(new Float64Array(50_000).fill(0.5), [2, 25_000]);
    const back = (await client.call('echo', [[records.slice(0, 9), array, 'end']], {}, SLICED)) as [
      unknown,
      NdArray,
      string,
    ];
    expect([back[0], back[2]]).toEqual([records.slice(0, 9), 'end']);
    expect([back[1].shape, back[1].data]).toEqual([array.shape, array.data]);
  });

  it('opens streams', async () => {
    const client = await nativeClient();
    const items: unknown[] = [];
    for await (const item of client.stream('count', [5], {}, SLICED)) items.push(item);
    expect(items).toEqual([0, 1, 2, 3, 4]);
  });

  it('many at once are all answered, one encoded after another', async () => {
    const client = await nativeClient({ workers: 2 });
    const some = records.slice(0, 5_000);
    const calls = Array.from({ length: 12 }, (_, n) =>
      client.call('echo', [[n, some]], {}, SLICED),
    );
    expect(client.queued).toBe(11);
    const answers = (await Promise.all(calls)) as [number, unknown[]][];
    expect(answers.map(([n, { length }]) => [n, length])).toEqual(calls.map((_, n) => [n, 5_000]));
    expect(client.queued).toBe(0);
  });

  it('keep to the limit of those that wait, beside one for each worker', async () => {
    const client = await nativeClient({ workers: 2, maxQueue: 1 });
    const calls = [1, 2, 3, 4, 5].map(() => client.call('echo', [records], {}, SLICED));
    expect(await errorOf(calls[4] as Promise<unknown>)).toMatchObject({ code: 'QUEUE_FULL' });
    expect((await Promise.all(calls.slice(0, 4))).length).toBe(4);
  });

  it('are not refused any more once they were accepted', async () => {
    const client = await nativeClient({ maxQueue: 1 });
    const running = client.call('nap', [0.3]);
    const large = client.call('echo', [records], {}, SLICED);
    const small = client.call('echo', ['small']);
    expect(await small).toBe('small');
    expect(await large).toHaveLength(records.length);
    await running;
  });

  it('are answered by the thousand, too', async () => {
    const client = await nativeClient();
    const calls = Array.from({ length: 5_000 }, (_, n) => client.call('echo', [n], {}, SLICED));
    expect(await Promise.all(calls)).toEqual(calls.map((_, n) => n));
  });

  it('have a worker started while they are encoded', async () => {
    const client = await nativeClient({ workers: { min: 0, max: 1 } });
    const call = client.call('echo', [records], {}, SLICED);
    expect(client.workers).toHaveLength(1);
    expect(await call).toHaveLength(records.length);
  });

  it('tells whoever waits for room when nothing waits any more', async () => {
    const client = await nativeClient();
    const drained = new Promise<void>((resolve) => client.on('drain', () => resolve()));
    const calls = [1, 2].map(() => client.call('echo', [records], {}, SLICED));
    expect(client.needsDrain).toBe(true);
    await drained;
    expect(client.needsDrain).toBe(false);
    await Promise.all(calls);
  });
});

describe('While it is encoded, a call', () => {
  it('can be given up: nothing of it is sent', async () => {
    const client = await nativeClient();
    const stop = new AbortController();
    const call = errorOf(client.call('note', [records], {}, { ...SLICED, signal: stop.signal }));
    await aTurn();
    await aTurn();
    stop.abort();
    expect(await call).toMatchObject({ code: 'CALL_CANCELLED' });
    expect(await client.call('noted')).toEqual([]);
    expect(await client.call('echo', ['goes on'], {}, SLICED)).toBe('goes on');
  });

  it('runs out of time by the clocks that wait and that count all', async () => {
    const client = await nativeClient();
    for (const clock of ['totalTimeoutMs', 'queueTimeoutMs'] as const) {
      const call = client.call('note', [records], {}, { ...SLICED, [clock]: 1 });
      expect(await errorOf(call)).toMatchObject({ code: 'CALL_TIMEOUT' });
    }
    expect(await client.call('noted')).toEqual([]);
  });

  it('is finished by a client that is closed, and rejects when that is terminated', async () => {
    const closing = await nativeClient();
    const finished = closing.call('echo', [records], {}, SLICED);
    await closing.close();
    expect(await finished).toHaveLength(records.length);
    const client = await nativeClient();
    const call = errorOf(client.call('echo', [records], {}, SLICED));
    await aTurn();
    await client.terminate();
    expect(await call).toMatchObject({ code: 'CLOSED' });
  });

  it('does not mind that the worker dies', async () => {
    const client = await nativeClient();
    const pid = (await client.call('pid')) as number;
    const call = client.call('echo', [records], {}, SLICED);
    await aTurn();
    process.kill(pid, 'SIGKILL');
    expect(await call).toHaveLength(records.length);
    expect(await client.call('pid')).not.toBe(pid);
  });

  it('rejects, alone, when something in it cannot travel or changes', async () => {
    const client = await nativeClient();
    const bad = [records, { deep: [Symbol('x')] }];
    const changing = [...records];
    const calls = [
      client.call('echo', [bad], {}, SLICED),
      client.call('echo', [changing], {}, SLICED),
      client.call('echo', ['fine'], {}, SLICED),
    ] as const;
    const first = errorOf(calls[0]);
    // When the first has rejected, the second is begun.
    const second = first.then(async () => {
      await aTurn();
      changing.length = 10;
      return errorOf(calls[1]);
    });
    expect(await first).toMatchObject({ code: 'ENCODE_FAILED', path: '$.args[0][1].deep[0]' });
    expect(await second).toMatchObject({ code: 'ENCODE_FAILED', path: '$.args[0]' });
    expect(await calls[2]).toBe('fine');
  });
});

it('A call in slices that runs again is not encoded again', async () => {
  const client = await nativeClient();
  const path = join(folder, 'attempts');
  let reads = 0;
  const once = {
    toJSON() {
      reads += 1;
      return path;
    },
  };
  expect(await client.call('dies_harmlessly', [once, 1], {}, SLICED)).toBe(2);
  expect([reads, linesOf(path).length]).toEqual([1, 2]);
});

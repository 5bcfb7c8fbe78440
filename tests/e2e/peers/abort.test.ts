// The abort, cancel and timeout cases of piscina, workerpool and vscode-jsonrpc.
import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { begun, newPath, pool, waiting } from '../support/pools.js';
import { isAlive } from '../support/processes.js';
import { linesOf } from '../support/scratch.js';
import { errorOf, eventually, within } from '../support/waiting.js';

/** A signal that counts who listens. */
class CountedSignal extends EventTarget {
  aborted = false;
  readonly reason = new Error('the reason');
  listeners = 0;
  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    super.addEventListener(...args);
  }
  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners -= 1;
    super.removeEventListener(...args);
  }
  abort(): void {
    this.aborted = true;
    this.dispatchEvent(new Event('abort'));
  }
}

describe('A task that is aborted (piscina)', () => {
  it('while it runs rejects, and the pool goes on', async () => {
    const client = await pool();
    const controller = new AbortController();
    const { result } = await begun(client, 'spin', [], { signal: controller.signal });
    controller.abort();
    expect(await errorOf(result)).toMatchObject({ name: 'AbortError', code: 'CALL_CANCELLED' });
    expect(typeof (await within(30_000, 'pid', client.call('pid')))).toBe('number');
  });

  it('where no exception reaches it costs its worker, and the pool goes on', async () => {
    const client = await pool({ graceMs: 100 });
    const before = await client.call<number>('pid');
    const controller = new AbortController();
    const { result } = await begun(client, 'spin_in_c', [], { signal: controller.signal });
    controller.abort();
    expect((await errorOf(result)).name).toBe('AbortError');
    expect(await within(30_000, 'pid', client.call('pid'))).not.toBe(before);
    await eventually('the old one has gone', () => !isAlive(before));
  });

  it('before it runs rejects and never runs', async () => {
    const client = await pool();
    const task = waiting(client);
    await task.begun;
    const [notes, controller] = [newPath(), new AbortController()];
    const call = errorOf(client.call('note', [notes, 'x'], {}, { signal: controller.signal }));
    controller.abort();
    expect((await call).name).toBe('AbortError');
    task.release();
    await task.result;
    await client.call('pid');
    expect(existsSync(notes)).toBe(false);
  });

  it('before it is made rejects at once, with the reason as the cause', async () => {
    const client = await pool();
    const reason = new Error('changed my mind');
    const call = client.call('pid', [], {}, { signal: AbortSignal.abort(reason) });
    expect(await errorOf(call)).toMatchObject({ name: 'AbortError', cause: reason });
  });

  it('by an event target of the user’s own does the same', async () => {
    const client = await pool();
    const signal = new CountedSignal();
    const { result } = await begun(client, 'spin', [], { signal });
    signal.abort();
    expect(await errorOf(result)).toMatchObject({ name: 'AbortError', cause: signal.reason });
    expect(signal.listeners).toBe(0);
  });

  it('never, leaves no listener behind', async () => {
    const client = await pool();
    const signal = new CountedSignal();
    const results = Array.from({ length: 50 }, () => client.call('pid', [], {}, { signal }));
    await Promise.all(results);
    expect(signal.listeners).toBe(0);
  });

  it('with a hundred others by one signal, settles with all of them', async () => {
    const client = await pool({ workers: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 100 }, (_, n) =>
      errorOf(client.call(n % 2 ? 'wait_for' : 'wait_for_later', [newPath()], {}, { signal })),
    );
    await eventually('some run', () => client.workers.every(({ inFlight }) => inFlight > 0));
    controller.abort();
    for (const failure of await within(5000, 'all settle', Promise.all(calls))) {
      expect(failure.name).toBe('AbortError');
    }
    await eventually('nothing is left', () =>
      client.workers.every(({ inFlight, state }) => inFlight === 0 || state !== 'ready'),
    );
    expect(client.queued).toBe(0);
  });

  it('does not abort its neighbour on the same worker', async () => {
    const client = await pool();
    const controller = new AbortController();
    const neighbour = waiting(client, 'wait_for_later');
    await neighbour.begun;
    const aborted = errorOf(
      client.call('wait_for_later', [newPath()], {}, { signal: controller.signal }),
    );
    controller.abort();
    expect((await aborted).name).toBe('AbortError');
    neighbour.release();
    expect(typeof (await neighbour.result)).toBe('string');
  });

  it.each([7, 'now', {}, { aborted: false }])('must have a signal: %j is none', async (signal) => {
    const client = await pool();
    const call = client.call('pid', [], {}, { signal: signal as never });
    expect((await errorOf(call)).code).toBe('INVALID_CONFIG');
  });
});

describe('A task that is cancelled (workerpool)', () => {
  it('in the queue lets those behind it run', async () => {
    const client = await pool();
    const task = waiting(client);
    await task.begun;
    const controller = new AbortController();
    const cancelled = errorOf(client.call('pid', [], {}, { signal: controller.signal }));
    const behind = client.call('pid');
    controller.abort();
    task.release();
    expect((await cancelled).name).toBe('AbortError');
    expect(typeof (await behind)).toBe('number');
  });

  it('keeps its worker from new tasks until it is known whether it stops', async () => {
    const client = await pool({ graceMs: 50 });
    const controller = new AbortController();
    const { result } = await begun(client, 'spin_in_c', [], { signal: controller.signal });
    const cancelled = errorOf(result);
    controller.abort();
    // Posted to the doomed worker, these would fail with it.
    const after = Promise.all(Array.from({ length: 20 }, () => client.call('pid')));
    expect((await cancelled).name).toBe('AbortError');
    expect(new Set(await within(30_000, 'they run', after)).size).toBe(1);
  });

  it('after it has ended is not disturbed', async () => {
    const client = await pool();
    const controller = new AbortController();
    const pid = await client.call('pid', [], {}, { signal: controller.signal });
    controller.abort();
    expect(await client.call('pid')).toBe(pid);
  });

  it('can clean up first, and its worker stays', async () => {
    const client = await pool({ graceMs: 5000 });
    const [path, controller] = [newPath(), new AbortController()];
    const pid = await client.call('pid');
    const { result } = await begun(client, 'clean_up_when_cancelled', [path], {
      signal: controller.signal,
    });
    controller.abort();
    expect((await errorOf(result)).name).toBe('AbortError');
    await eventually('it has cleaned up', () => existsSync(path));
    expect(await client.call('pid')).toBe(pid);
  });
});

describe('A task that takes too long (workerpool)', () => {
  it('rejects when its time is over', async () => {
    const client = await pool();
    const call = client.call('spin', [], {}, { timeoutMs: 50 });
    expect(await errorOf(call)).toMatchObject({ name: 'CallTimeoutError', clock: 'run' });
  });

  it('is measured from when it is taken from the queue', async () => {
    const client = await pool();
    const task = waiting(client);
    await task.begun;
    const call = client.call('nap', [0], {}, { timeoutMs: 500 });
    // Given up after longer than the call may take, had its clock begun with the wait.
    const other = await errorOf(client.call('pid', [], {}, { queueTimeoutMs: 700 }));
    expect(other).toMatchObject({ name: 'CallTimeoutError', clock: 'queue' });
    task.release();
    expect(typeof (await call)).toBe('number');
  });

  it('in the queue can be given up by the clock for that', async () => {
    const client = await pool();
    const task = waiting(client);
    await task.begun;
    const call = client.call('pid', [], {}, { queueTimeoutMs: 50 });
    expect(await errorOf(call)).toMatchObject({ name: 'CallTimeoutError', clock: 'queue' });
    expect(client.queued).toBe(0);
    task.release();
    expect(typeof (await task.result)).toBe('string');
  });
});

describe('Cancellation of requests (vscode-jsonrpc)', () => {
  it('reaches a handler that looks for it, and its own answer is not waited for', async () => {
    const client = await pool({ graceMs: 5000 });
    const [path, controller] = [newPath(), new AbortController()];
    const { result } = await begun(client, 'stop_when_told', [path], { signal: controller.signal });
    controller.abort();
    expect((await errorOf(result)).name).toBe('AbortError');
    const ending = await eventually('it ends', () => linesOf(path)[0]);
    expect(['saw it', 'interrupted']).toContain(ending);
  });

  it('of many requests in a row hits each the right one', async () => {
    const client = await pool();
    for (let round = 0; round < 30; round += 1) {
      const controller = new AbortController();
      const doomed = errorOf(
        client.call('wait_for_later', [newPath()], {}, { signal: controller.signal }),
      );
      const lucky = client.call('nap', [0]);
      controller.abort();
      expect((await doomed).name).toBe('AbortError');
      expect(typeof (await lucky)).toBe('number');
    }
  });

  it('in the middle of partial results ends them, and closes the generator', async () => {
    const client = await pool();
    const [path, controller] = [newPath(), new AbortController()];
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const item of client.stream(
        'numbers',
        [path],
        {},
        { signal: controller.signal },
      )) {
        seen.push(item);
        if (item === 5) controller.abort();
      }
    };
    expect((await errorOf(read())).name).toBe('AbortError');
    expect(seen.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    await eventually('it is closed', () => existsSync(path));
  });
});

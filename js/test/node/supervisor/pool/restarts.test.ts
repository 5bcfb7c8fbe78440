/** Workers that keep dying, real ones: when they are replaced, and when no more. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { systemTime } from '../../../../src/node/supervisor/time.js';
import { nativeClient } from '../../support/launch.js';
import { errorOf, eventually } from '../../support/waiting.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const RESTARTS = { max: 2, withinMs: 60_000, coolDownMs: 300 };

async function dieOften(call: () => Promise<unknown>, times: number): Promise<void> {
  for (let n = 0; n < times; n++) expect((await errorOf(call())).code).toBe('WORKER_EXITED');
}

describe('A pool whose workers keep dying', () => {
  it('refuses calls at once, then tries one worker and is well again', async () => {
    const client = await nativeClient({ name: 'mortal', restarts: RESTARTS });
    await dieOften(() => client.call('die'), 3);
    const error = await errorOf(client.call('echo', [1]));
    expect(error).toMatchObject({ name: 'CircuitOpenError', stderrTail: 'last words' });
    expect(error.message).toContain('3 workers ended unexpectedly');
    expect(error.retryAfterMs).toBeGreaterThan(0);
    await eventually('a worker is tried by itself', () =>
      client.workers.some(({ state }) => state === 'ready'),
    );
    expect(await client.call('echo', ['well'])).toBe('well');
  });

  it('fails what waits when the last one dies', async () => {
    const client = await nativeClient({ restarts: { ...RESTARTS, max: 0 } });
    const death = errorOf(client.call('die'));
    const waiting = [1, 2, 3].map(() => errorOf(client.call('echo', [1])));
    expect((await death).code).toBe('WORKER_EXITED');
    for (const error of await Promise.all(waiting)) expect(error.code).toBe('CIRCUIT_OPEN');
  });

  it('serves calls as long as one of them lives', async () => {
    const client = await nativeClient({
      workers: 2,
      restarts: { ...RESTARTS, coolDownMs: 60_000 },
    });
    await dieOften(() => client.call('die'), 2);
    await eventually(
      'both are back',
      () => client.workers.every(({ state }) => state === 'ready') && client.workers.length === 2,
    );
    await dieOften(() => client.call('die'), 1);
    expect(await client.call('echo', ['one is left'])).toBe('one is left');
    expect(client.workers).toHaveLength(1);
  });

  it('does not count the workers that a call cost which was given up', async () => {
    const client = await nativeClient({ restarts: { ...RESTARTS, max: 0 }, graceMs: 50 });
    const pids = new Set([await client.call('pid')]);
    for (let n = 0; n < 2; n++) {
      const error = await errorOf(client.call('burn_in_c', [], {}, { timeoutMs: 400 }));
      expect(error.code).toBe('CALL_TIMEOUT');
      pids.add(await client.call('pid'));
    }
    // Each call has cost one.
    expect(pids.size).toBe(3);
  });

  it('tries a start again that was ended from outside, before any call pays for it', async () => {
    // One that is forked has started before it can be hit.
    const client = await nativeClient({ zygote: false });
    const [old] = client.workers;
    process.kill(old?.pid as number, 'SIGKILL');
    const next = await eventually('the next one starts', () =>
      client.workers.find(({ state }) => state === 'starting'),
    );
    const waiting = client.call('echo', ['patient']);
    process.kill(next.pid as number, 'SIGKILL');
    expect(await waiting).toBe('patient');
  });

  it('waits no longer for many that died together than for one', async () => {
    const client = await nativeClient({ workers: 6, restarts: { max: 100 }, watchdog: false });
    const after = jest.spyOn(systemTime, 'after');
    // The first time some come back at once and others after a wait: the second time two may count, and not eleven.
    for (let turn = 0; turn < 2; turn++) {
      const old = client.workers.map(({ pid }) => pid as number);
      for (const pid of old) process.kill(pid, 'SIGKILL');
      await eventually('all are back', () => {
        const ready = client.workers.filter(({ state }) => state === 'ready');
        return ready.length === 6 && ready.every(({ pid }) => !old.includes(pid as number));
      });
    }
    // Waits for a restart are drawn by lot; other times of the pool are whole numbers.
    const waits = after.mock.calls.map(([ms]) => ms).filter((ms) => !Number.isInteger(ms));
    expect(waits.length).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(150);
  });

  it('counts starts that failed together as one failure', async () => {
    const client = await nativeClient({ workers: 6, zygote: false, restarts: { max: 100 } });
    const circuit: string[] = [];
    client.on('circuit', ({ state }) => circuit.push(state));
    for (const { pid } of client.workers) process.kill(pid as number, 'SIGKILL');
    const stopped = new Set<number>();
    await eventually('all are started anew', () => {
      for (const { pid, state } of client.workers) {
        if (state !== 'starting' || pid === undefined || stopped.has(pid)) continue;
        // It stays at its start until all are there.
        process.kill(pid, 'SIGSTOP');
        stopped.add(pid);
      }
      return stopped.size === 6;
    });
    for (const pid of stopped) process.kill(pid, 'SIGKILL');
    expect(await client.call('echo', ['patient'])).toBe('patient');
    expect(circuit).toEqual([]);
  });

  it('is told as closed, not as killed, where it is closed while the next one starts', async () => {
    const client = await nativeClient();
    const reasons: string[] = [];
    client.on('workerExit', ({ reason }) => reasons.push(reason));
    expect((await errorOf(client.call('die'))).code).toBe('WORKER_EXITED');
    await client.close();
    expect(reasons).toEqual(['exited', 'closed']);
  });
});

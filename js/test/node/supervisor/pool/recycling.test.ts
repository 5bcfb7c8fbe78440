import { describe, expect, it } from '@jest/globals';
import { type Ageing, Recycling } from '../../../../src/node/supervisor/pool/recycling.js';
import type { RecyclePolicy } from '../../../../src/node/supervisor/pool-policy.js';
import { FakeTime } from '../../support/fake-time.js';
import { nativeClient } from '../../support/launch.js';
import { eventually, isAlive } from '../../support/waiting.js';

class FakeWorker implements Ageing {
  state = 'ready';
  served = 0;
  memoryBytes: number | undefined;
  inhabited = false;

  retire(): void {
    this.state = 'draining';
  }
}

function recyclingOf(policy: Partial<RecyclePolicy>, { random = 0, fails = false } = {}) {
  const time = new FakeTime();
  const workers: FakeWorker[] = [];
  const told: string[] = [];
  const events = { starts: 0, mayStart: true, fails };
  const never = Number.POSITIVE_INFINITY;
  const recycling = new Recycling<FakeWorker>({
    policy: { calls: never, memoryBytes: never, ageMs: never, jitter: 0.5, ...policy },
    workers: () => workers,
    mayStart: () => events.mayStart,
    async startOne() {
      events.starts += 1;
      await Promise.resolve();
      if (events.fails) throw new Error('no model');
      add();
    },
    onRecycle: (_, why) => told.push(why),
    time,
    random: () => random,
  });
  const add = (): FakeWorker => {
    const worker = new FakeWorker();
    workers.push(worker);
    recycling.started(worker);
    return worker;
  };
  const serve = (worker: FakeWorker, calls: number): void => {
    worker.served = calls;
    recycling.served(worker);
  };
  return { time, told, events, add, serve, recycling };
}

const settled = (): Promise<void> => new Promise((resume) => setImmediate(resume));

describe('Recycling', () => {
  it('starts another worker first, when one has served its calls, and then retires that one', async () => {
    const { add, serve, told, events } = recyclingOf({ calls: 10 });
    const worker = add();
    serve(worker, 9);
    expect(events.starts).toBe(0);
    serve(worker, 10);
    expect([events.starts, worker.state]).toEqual([1, 'ready']);
    await settled();
    expect([worker.state, told]).toEqual(['draining', ['calls']]);
  });

  it('lowers a limit by a random part of it', () => {
    const { add, serve, events } = recyclingOf({ calls: 10 }, { random: 1 });
    serve(add(), 5);
    expect(events.starts).toBe(1);
  });

  it('replaces one that has grown too fat, or too old', async () => {
    const fat = recyclingOf({ memoryBytes: 1000 });
    const worker = fat.add();
    worker.memoryBytes = 999;
    fat.time.pass(5000);
    worker.memoryBytes = 1000;
    fat.time.pass(1000);
    await settled();
    expect(fat.told).toEqual(['memory']);

    const old = recyclingOf({ ageMs: 60_000 });
    old.add();
    old.time.pass(59_000);
    expect(old.events.starts).toBe(0);
    old.time.pass(2000);
    await settled();
    expect(old.told).toEqual(['age']);
  });

  it('replaces one at a time', async () => {
    const { add, time, events, told } = recyclingOf({ ageMs: 10_000 });
    for (let n = 0; n < 3; n++) add();
    time.pass(10_500);
    expect(events.starts).toBe(1);
    await settled();
    expect(told).toEqual(['age', 'age', 'age']);
  });

  it('leaves a worker alone that service instances live in, until they have gone', async () => {
    const { add, serve, events } = recyclingOf({ calls: 10 });
    const worker = add();
    worker.inhabited = true;
    serve(worker, 10);
    expect(events.starts).toBe(0);
    worker.inhabited = false;
    serve(worker, 11);
    expect(events.starts).toBe(1);
    worker.inhabited = true;
    await settled();
    expect(worker.state).toBe('ready');
  });

  it('keeps a worker whose replacement cannot start, and tries again later', async () => {
    const { add, serve, time, events } = recyclingOf({ calls: 10 }, { fails: true });
    const worker = add();
    serve(worker, 10);
    await settled();
    for (let calls = 11; calls < 50; calls++) serve(worker, calls);
    expect([events.starts, worker.state]).toEqual([1, 'ready']);
    time.pass(10_000);
    events.fails = false;
    serve(worker, 50);
    await settled();
    expect(worker.state).toBe('draining');
  });

  it('waits while no workers are started, and ends when it is stopped', () => {
    const { add, serve, events, recycling, time } = recyclingOf({ calls: 10, ageMs: 100 });
    const worker = add();
    events.mayStart = false;
    serve(worker, 10);
    recycling.stop();
    events.mayStart = true;
    serve(worker, 11);
    time.pass(10_000);
    expect([events.starts, time.pending]).toEqual([0, 0]);
  });
});

describe('A pool that recycles', () => {
  it('loses no call, and has other workers in the end', async () => {
    const client = await nativeClient({ workers: 2, recycle: { calls: 50 } });
    const before = client.workers.map(({ pid }) => pid as number);
    let n = 0;
    const caller = async (): Promise<void> => {
      while (before.some(isAlive))
        expect(await client.call('echo', [++n])).toEqual(expect.anything());
    };
    await Promise.all(Array.from({ length: 4 }, caller));
    await eventually('there are two again', () => client.workers.length === 2);
  });
});

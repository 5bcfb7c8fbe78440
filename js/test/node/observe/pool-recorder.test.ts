/** What the supervisor tells, as numbers and events. */
import diagnostics from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import type { CallTimeout } from '../../../src/core/call-timeout.js';
import { CallTimeoutError, QueueFullError } from '../../../src/core/errors.js';
import { PoolRecorder } from '../../../src/node/observe/pool-recorder.js';
import { taskOf } from './observed-task.js';

const FIGURES = {
  ...{ workers: [], queued: 0, circuit: 'closed' as const },
  zygote: { state: 'off' as const },
};
const WORKER = { pid: 7 };

/** Queues a task that is 10 ms in the queue, and settles it 100 ms later. */
function run(recorder: PoolRecorder, changes: Parameters<typeof taskOf>[0] = {}, error?: unknown) {
  const task = taskOf({
    ...{ submittedAt: 890, dispatchedAt: 900, startedAt: 900, settledAt: 1_000 },
    ...changes,
  });
  recorder.onQueued(task);
  recorder.onSettled(task, error === undefined ? 'completed' : 'failed', error);
  return task;
}

describe('The numbers of a client', () => {
  it('count calls by how they ended', () => {
    const recorder = new PoolRecorder('pricing');
    run(recorder);
    run(recorder, { method: 'other' });
    run(recorder, {}, new QueueFullError(5));
    run(recorder, {}, new Error('not ours'));
    recorder.onQueued(taskOf());
    const stats = recorder.stats(FIGURES);
    expect(stats).toMatchObject({
      module: 'pricing',
      submitted: 5,
      completed: 2,
      failed: 2,
      left: 0,
    });
    expect(stats.failures).toEqual({ QUEUE_FULL: 1, OTHER: 1 });
    expect(stats.methods.quote).toMatchObject({ submitted: 4, completed: 1, failed: 2 });
    expect(Object.keys(stats.methods)).toEqual(['quote', 'other']);
  });

  it('part the time of a call into waiting and running', () => {
    const recorder = new PoolRecorder('pricing');
    run(recorder);
    const { queue, run: running, total, wire } = recorder.stats(FIGURES);
    expect([queue, running, total].map(({ count, maxMs }) => [count, maxMs])).toEqual([
      [1, 10],
      [1, 100],
      [1, 110],
    ]);
    expect(wire.count).toBe(0);
  });

  it('know of a call that had not to wait that it did not', () => {
    const recorder = new PoolRecorder('pricing');
    run(recorder, { submittedAt: 900 });
    run(recorder);
    const { queue, run: running, total } = recorder.stats(FIGURES);
    expect([queue, running, total].map(({ count, minMs, maxMs }) => [count, minMs, maxMs])).toEqual(
      [
        [2, 0, 10],
        [2, 100, 100],
        [2, 100, 110],
      ],
    );
    expect(queue.buckets[0]).toEqual({ leMs: 0.1, count: 1 });
  });

  it('know of a call that no worker got only how long it waited', () => {
    const recorder = new PoolRecorder('pricing');
    run(recorder, { dispatchedAt: 0, startedAt: 0 }, new QueueFullError(5));
    const { queue, run: running, total } = recorder.stats(FIGURES);
    expect([queue.maxMs, running.count, total.maxMs]).toEqual([110, 0, 110]);
  });

  it('tell what a call cost beside its method, where Python told how long that ran', () => {
    const recorder = new PoolRecorder('pricing');
    run(recorder, { runNs: 99_500_000 });
    // This one waited in the worker while Node did not see it: nothing can be told apart.
    run(recorder, { runNs: 99_500_000, startedAt: 950 });
    const { wire } = recorder.stats(FIGURES);
    expect([wire.count, wire.maxMs]).toEqual([1, 0.5]);
  });

  it('ask one call in 64 for that', () => {
    const recorder = new PoolRecorder('pricing');
    const asked = Array.from({ length: 130 }, () => run(recorder).wantsTiming);
    expect(asked.flatMap((wants, index) => (wants ? [index] : []))).toEqual([0, 64, 128]);
  });

  it('count streams, those that are open too, and leave their times out of the whole', () => {
    const recorder = new PoolRecorder('pricing');
    const [open, left] = [taskOf({ isStream: true }), taskOf({ isStream: true })];
    recorder.onQueued(open);
    recorder.onQueued(left);
    expect(recorder.stats(FIGURES).openStreams).toBe(2);
    recorder.onSettled(left, 'left');
    const stats = recorder.stats(FIGURES);
    expect(stats).toMatchObject({ openStreams: 1, submitted: 2, left: 1, total: { count: 0 } });
    expect(stats.methods.quote?.total.count).toBe(1);
  });

  it('do not grow with names that callers make up', () => {
    const recorder = new PoolRecorder('pricing');
    for (let index = 0; index < 1_500; index++) run(recorder, { method: `m${index}` });
    const { methods, submitted } = recorder.stats(FIGURES);
    expect(Object.keys(methods)).toHaveLength(501);
    expect(methods['(others)']?.submitted).toBe(1_000);
    expect(submitted).toBe(1_500);
  });

  it('count workers by what became of them', () => {
    const recorder = new PoolRecorder('pricing');
    recorder.onWorkerState(WORKER, 'starting', undefined);
    recorder.onWorkerState(WORKER, 'ready', 'starting');
    recorder.onRecycle(WORKER, 'calls');
    recorder.onWorkerExit(WORKER, { exitCode: 0, signal: null, reason: 'recycled', calls: 0 });
    recorder.onRestart();
    recorder.onRetry(taskOf(), 2, WORKER);
    expect(recorder.stats(FIGURES)).toMatchObject({
      workerCounts: { started: 1, restarted: 1, exited: 1, exits: { recycled: 1 }, recycled: 1 },
      retries: 1,
    });
  });

  it('carry what the pool says of itself', () => {
    const worker = { pid: 7, state: 'busy' as const, inFlight: 2, startedAt: 0, served: 9 };
    const workers = [worker, { ...worker, inFlight: 1 }];
    const stats = new PoolRecorder('m').stats({ ...FIGURES, workers, queued: 4, circuit: 'open' });
    expect(stats).toMatchObject({ workers, queued: 4, inFlight: 3, circuit: 'open' });
  });
});

describe('The events of a client', () => {
  it('tell what the supervisor does', () => {
    const recorder = new PoolRecorder('pricing');
    const told: unknown[] = [];
    const names = ['drain', 'worker', 'workerExit', 'circuit', 'retry', 'recycle'] as const;
    for (const name of names) recorder.events.on(name, (event) => told.push([name, event]));
    recorder.events.on('unresponsive', (event) => told.push(['unresponsive', event]));
    const exit = { exitCode: null, signal: 'SIGKILL', reason: 'killed', calls: 3 } as const;
    recorder.onDrain();
    recorder.onWorkerState(WORKER, 'starting', undefined);
    recorder.onWorkerState(WORKER, 'stopping', 'ready', 'idle');
    recorder.onWorkerExit(WORKER, exit);
    recorder.onCircuit('open', 'too many ends');
    recorder.onRetry(taskOf(), 2, WORKER);
    recorder.onRecycle(WORKER, 'age');
    recorder.onUnresponsive(WORKER, 11_000, 'Thread 0x1');
    expect(told).toEqual([
      ['drain', undefined],
      ['worker', { pid: 7, state: 'starting', previous: undefined }],
      ['worker', { pid: 7, state: 'stopping', previous: 'ready', reason: 'idle' }],
      ['workerExit', { pid: 7, ...exit }],
      ['circuit', { state: 'open', reason: 'too many ends' }],
      ['retry', { method: 'quote', attempt: 2, pid: 7 }],
      ['recycle', { pid: 7, why: 'age' }],
      ['unresponsive', { pid: 7, sinceMs: 11_000, pythonStack: 'Thread 0x1' }],
    ]);
  });

  it('tell of calls that ran out of time', () => {
    const recorder = new PoolRecorder('pricing');
    const told: unknown[] = [];
    recorder.events.on('timeout', (event) => told.push(event));
    const timeout: CallTimeout = {
      ...{ clock: 'queue', timeoutMs: 5, queued: 0, workers: [] },
      phases: { queueMs: 5, runMs: 0, totalMs: 5 },
    };
    run(recorder, {}, new CallTimeoutError('It', timeout));
    run(recorder, {}, new Error('other'));
    expect(told).toEqual([{ method: 'quote', clock: 'queue', timeoutMs: 5 }]);
  });

  it('reach who watches the process, by the name of the module', () => {
    const told: unknown[] = [];
    const listener = (message: unknown): void => void told.push(message);
    diagnostics.subscribe('synapse-worker:worker', listener);
    try {
      const recorder = new PoolRecorder('pricing');
      recorder.onWorkerState(WORKER, 'ready', 'starting');
      recorder.onCircuit('half-open', 'a probe');
    } finally {
      diagnostics.unsubscribe('synapse-worker:worker', listener);
    }
    expect(told).toEqual([
      { type: 'state', module: 'pricing', pid: 7, state: 'ready', previous: 'starting' },
      { type: 'circuit', module: 'pricing', state: 'half-open', reason: 'a probe' },
    ]);
  });
});

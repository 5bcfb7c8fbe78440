/** What clients of real workers tell: numbers, events, logs, traces. */
import { tracingChannel } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import type { CallMessage } from '../../../src/node/observe/traced-call.js';
import type { LogRecord } from '../../../src/node/supervisor/connection/log-record.js';
import { nativeClient } from '../support/launch.js';
import { errorOf, eventually } from '../support/waiting.js';
import { parsePrometheus } from './prometheus-text.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

describe('The numbers of a client', () => {
  it('are those of its calls', async () => {
    const client = await nativeClient({ name: 'watched' });
    await client.call('add', [1, 2]);
    await client.call('add', [3]);
    await errorOf(client.call('boom'));
    for await (const item of client.stream<number>('count', [100])) if (item === 3) break;
    const stats = client.stats();
    expect(stats).toMatchObject({
      ...{ module: 'watched', submitted: 4, completed: 2, failed: 1, left: 1, queued: 0 },
      ...{ inFlight: 0, openStreams: 0, retries: 0, circuit: 'closed' },
      failures: { PYTHON_EXCEPTION: 1 },
      workerCounts: { started: 1, restarted: 0, exited: 0, exits: {}, recycled: 0 },
    });
    expect(stats.workers).toHaveLength(1);
    expect(stats.methods.add).toMatchObject({ submitted: 2, completed: 2, total: { count: 2 } });
    expect(stats.methods.count?.left).toBe(1);
    // Three calls: the stream is not among the times of the whole.
    expect([stats.queue, stats.run, stats.total].map(({ count }) => count)).toEqual([3, 3, 3]);
  });

  it('part what a method took from what the way to it took', async () => {
    const client = await nativeClient();
    await client.call('nap', [0.05]);
    const { run, wire, total } = client.stats();
    // The first call is one of those that are asked.
    expect(wire.count).toBe(1);
    expect(run.maxMs).toBeGreaterThanOrEqual(49);
    expect(wire.maxMs).toBeLessThan(run.maxMs);
    expect(run.maxMs - wire.maxMs).toBeGreaterThanOrEqual(49);
    expect(total.maxMs).toBeGreaterThanOrEqual(run.maxMs);
  });

  it('can be read by Prometheus', async () => {
    const client = await nativeClient({ name: 'watched' });
    await client.call('add', [1]);
    const families = parsePrometheus(client.metrics());
    expect(families.get('synapse_calls_total')?.samples[0]).toEqual({
      name: 'synapse_calls_total',
      labels: { module: 'watched', method: 'add', outcome: 'completed' },
      value: 1,
    });
  });
});

describe('The events of a client', () => {
  it('tell of a worker that died and of the one in its place', async () => {
    const client = await nativeClient();
    const exits: unknown[] = [];
    const states: string[] = [];
    client.on('workerExit', (event) => exits.push(event));
    const off = client.on('worker', ({ state, previous }) => states.push(`${previous} → ${state}`));
    const [{ pid } = { pid: 0 }] = client.workers;
    await errorOf(client.call('die', [7]));
    await client.call('add', [1]);
    await eventually('a new worker', () => states.includes('starting → ready'));
    off();
    expect(exits).toEqual([{ pid, exitCode: 7, signal: null, reason: 'exited', calls: 1 }]);
    expect(states).toContain('undefined → starting');
    expect(client.stats().workerCounts).toMatchObject({ started: 2, restarted: 1, exited: 1 });
  });

  it('tell of calls that ran out of time', async () => {
    const client = await nativeClient();
    const told: unknown[] = [];
    client.on('timeout', (event) => told.push(event));
    await errorOf(client.call('nap', [30], {}, { timeoutMs: 50 }));
    expect(told).toEqual([{ method: 'nap', clock: 'run', timeoutMs: 50 }]);
  });
});

describe('The trace of a call', () => {
  it('reaches Python, and what Python says in it is marked', async () => {
    const records: LogRecord[] = [];
    const client = await nativeClient({ onLog: (record) => records.push(record) });
    const trace = { traceparent: PARENT, tracestate: 'a=b' };
    expect(await client.call('trace', [], {}, trace)).toEqual([PARENT, 'a=b']);
    expect(await client.call('trace')).toEqual([null, null]);
    await eventually(
      'four records',
      () => records.filter(({ source }) => source !== 'runtime').length === 4,
    );
    const of = (wanted: string) => records.filter(({ source }) => source === wanted);
    const marks = { method: 'trace', traceId: TRACE_ID, callId: expect.any(Number) };
    expect(of('stdout')[0]).toMatchObject({ ...marks, message: 'traced\n', level: 'INFO' });
    expect(of('logging')[0]).toMatchObject({ ...marks, message: 'traced, too', logger: 'app' });
    expect(of('logging')[1]).toMatchObject({ method: 'trace' });
    expect(of('logging')[1]).not.toHaveProperty('traceId');
  });

  it('can come from the surroundings of the call', async () => {
    const client = await nativeClient({ trace: () => ({ traceparent: PARENT }) });
    expect(await client.call('trace')).toEqual([PARENT, null]);
  });

  it('can be followed by whoever watches the process', async () => {
    const told: CallMessage[] = [];
    const { asyncEnd } = tracingChannel<unknown, CallMessage>('synapse-worker:call');
    const listener = (message: unknown): void => void told.push(message as CallMessage);
    asyncEnd.subscribe(listener);
    try {
      const client = await nativeClient({ name: 'followed' });
      await client.call('add', [1]);
      for await (const _ of client.stream('count', [3]));
      await errorOf(client.call('boom'));
    } finally {
      asyncEnd.unsubscribe(listener);
    }
    const common = { module: 'followed', attempts: 1 };
    expect(told).toMatchObject([
      { ...common, method: 'add', stream: false, outcome: 'completed' },
      { ...common, method: 'count', stream: true, outcome: 'completed' },
      { ...common, method: 'boom', outcome: 'failed', error: { code: 'PYTHON_EXCEPTION' } },
    ]);
  });
});

/** The text for Prometheus, read back by a strict reader of the format. */
import { describe, expect, it } from '@jest/globals';
import type { ClientStats } from '../../../src/core/client/stats.js';
import { PoolRecorder } from '../../../src/node/observe/pool-recorder.js';
import { prometheusText } from '../../../src/node/observe/prometheus.js';
import { taskOf } from './observed-task.js';
import { type Family, parsePrometheus } from './prometheus-text.js';

const NASTY = 'a "b" \\ c\nd{e="f"}';

function statsOf(module: string, method: string): ClientStats {
  const recorder = new PoolRecorder(module);
  for (const isStream of [false, true]) {
    const task = taskOf({ method: isStream ? 'ticks' : method, isStream, submittedAt: 1 });
    recorder.onQueued(task);
    recorder.onSettled(task, isStream ? 'left' : 'failed', isStream ? undefined : new Error('x'));
  }
  recorder.onWorkerState({ pid: 7 }, 'starting', undefined);
  recorder.onWorkerExit({ pid: 8 }, { exitCode: 1, signal: null, reason: 'exited', calls: 0 });
  return recorder.stats({
    workers: [
      { pid: 7, state: 'busy', inFlight: 2, startedAt: 0, served: 3, memoryBytes: 1024 },
      { pid: undefined, state: 'starting', inFlight: 0, startedAt: 0, served: 0 },
    ],
    ...{ queued: 3, circuit: 'half-open', zygote: { state: 'off' } },
  });
}

function sampleOf(family: Family | undefined, labels: Record<string, string>): number | undefined {
  return family?.samples.find((sample) =>
    Object.entries(labels).every(([name, text]) => sample.labels[name] === text),
  )?.value;
}

describe('The text for Prometheus', () => {
  const families = parsePrometheus(prometheusText(statsOf('pricing', 'quote')));

  it('has a help and a type for each family', () => {
    expect([...families.keys()]).toEqual([
      'synapse_calls_submitted_total',
      'synapse_calls_total',
      'synapse_call_failures_total',
      'synapse_call_retries_total',
      'synapse_call_queue_seconds',
      'synapse_call_run_seconds',
      'synapse_call_wire_seconds',
      'synapse_call_duration_seconds',
      'synapse_queued_calls',
      'synapse_in_flight_calls',
      'synapse_open_streams',
      'synapse_circuit_state',
      'synapse_workers',
      'synapse_worker_starts_total',
      'synapse_worker_restarts_total',
      'synapse_worker_recycles_total',
      'synapse_worker_exits_total',
      'synapse_worker_memory_bytes',
    ]);
    for (const { help } of families.values()) expect(help).not.toBe('');
  });

  it('carries the module, the method and how calls ended', () => {
    const calls = families.get('synapse_calls_total');
    const quote = { module: 'pricing', method: 'quote' };
    expect(sampleOf(calls, { ...quote, outcome: 'failed' })).toBe(1);
    expect(sampleOf(calls, { method: 'ticks', outcome: 'left' })).toBe(1);
    expect(sampleOf(families.get('synapse_call_failures_total'), { ...quote, code: 'OTHER' })).toBe(
      1,
    );
  });

  it('carries what workers do', () => {
    expect(sampleOf(families.get('synapse_workers'), { state: 'busy' })).toBe(1);
    expect(sampleOf(families.get('synapse_worker_exits_total'), { reason: 'exited' })).toBe(1);
    expect(sampleOf(families.get('synapse_worker_memory_bytes'), { pid: '7' })).toBe(1024);
    expect(sampleOf(families.get('synapse_circuit_state'), { state: 'half-open' })).toBe(1);
    expect(sampleOf(families.get('synapse_queued_calls'), {})).toBe(3);
    expect(sampleOf(families.get('synapse_in_flight_calls'), {})).toBe(2);
  });

  it('tells times in seconds', () => {
    const total = families.get('synapse_call_duration_seconds');
    expect(total?.type).toBe('histogram');
    const bounds = total?.samples.map(({ labels }) => labels.le);
    expect(bounds?.slice(0, 3)).toEqual(['0.0001', '0.00025', '0.0005']);
  });

  it('is read whatever modules and methods are called', () => {
    const nasty = parsePrometheus(prometheusText(statsOf(NASTY, NASTY)));
    const calls = nasty.get('synapse_calls_total');
    expect(sampleOf(calls, { module: NASTY, method: NASTY, outcome: 'failed' })).toBe(1);
  });

  it('is read where nothing has happened yet', () => {
    const figures = {
      workers: [],
      queued: 0,
      circuit: 'closed',
      zygote: { state: 'off' },
    } as const;
    const idle = parsePrometheus(prometheusText(new PoolRecorder('m').stats(figures)));
    expect(idle.get('synapse_calls_total')?.samples).toEqual([]);
  });
});

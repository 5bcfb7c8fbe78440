/** Numbers of a client as text that Prometheus reads (exposition format 0.0.4): base units, so seconds. */
import type { ClientStats, HistogramStats, LatencyStats } from '../../core/client/stats.js';

type Labels = Readonly<Record<string, string | number>>;

const MS_PER_S = 1_000;

const HISTOGRAMS: readonly [part: keyof LatencyStats, name: string, help: string][] = [
  [
    'queue',
    'synapse_call_queue_seconds',
    'Time from submission until a worker was given the call.',
  ],
  ['run', 'synapse_call_run_seconds', 'Time from when a worker could start until the answer.'],
  ['wire', 'synapse_call_wire_seconds', 'Part of the run time not spent in the method; sampled.'],
  ['total', 'synapse_call_duration_seconds', 'Time from submission until the answer.'],
];

const CIRCUIT_STATES = ['closed', 'half-open', 'open'] as const;
const WORKER_STATES = [
  ...(['starting', 'ready', 'busy', 'unresponsive', 'draining', 'stopping', 'exited'] as const),
];

/** The text of all metrics of a client; each carries the module's name. */
export function prometheusText(stats: ClientStats): string {
  const out = new MetricWriter({ module: stats.module });
  writeCalls(out, stats);
  writeLatencies(out, stats);
  writePool(out, stats);
  writeWorkers(out, stats);
  return out.text;
}

function writeCalls(out: MetricWriter, { methods, retries }: ClientStats): void {
  const entries = Object.entries(methods);
  out.family('synapse_calls_submitted_total', 'counter', 'Calls and streams made.');
  for (const [method, { submitted }] of entries) out.sample({ method }, submitted);
  out.family('synapse_calls_total', 'counter', 'Calls and streams that came to an end.');
  for (const [method, { completed, failed, left }] of entries) {
    out.sample({ method, outcome: 'completed' }, completed);
    out.sample({ method, outcome: 'failed' }, failed);
    out.sample({ method, outcome: 'left' }, left);
  }
  out.family('synapse_call_failures_total', 'counter', 'Failed calls by the code of their error.');
  for (const [method, { failures }] of entries) {
    for (const [code, count] of Object.entries(failures)) out.sample({ method, code }, count);
  }
  out.family('synapse_call_retries_total', 'counter', 'Calls made again as their worker died.');
  out.sample({}, retries);
}

function writeLatencies(out: MetricWriter, { methods }: ClientStats): void {
  for (const [part, name, help] of HISTOGRAMS) {
    out.family(name, 'histogram', help);
    for (const [method, stats] of Object.entries(methods)) {
      if (stats[part].count > 0) out.histogram({ method }, stats[part]);
    }
  }
}

function writePool(out: MetricWriter, stats: ClientStats): void {
  out.gauge('synapse_queued_calls', 'Calls and streams that wait for a worker.', stats.queued);
  out.gauge('synapse_in_flight_calls', 'Calls and streams that workers have.', stats.inFlight);
  out.gauge('synapse_open_streams', 'Streams under way.', stats.openStreams);
  out.family('synapse_circuit_state', 'gauge', '1 for the state of the circuit breaker.');
  for (const state of CIRCUIT_STATES) out.sample({ state }, state === stats.circuit ? 1 : 0);
}

function writeWorkers(out: MetricWriter, { workers, workerCounts }: ClientStats): void {
  const { started, restarted, recycled, exits } = workerCounts;
  out.family('synapse_workers', 'gauge', 'Worker processes by their state.');
  for (const state of WORKER_STATES) {
    out.sample({ state }, workers.filter((worker) => worker.state === state).length);
  }
  out.counter('synapse_worker_starts_total', 'Worker processes started.', started);
  out.counter('synapse_worker_restarts_total', 'Those started in place of another.', restarted);
  out.counter('synapse_worker_recycles_total', 'Workers replaced before their time.', recycled);
  out.family('synapse_worker_exits_total', 'counter', 'Worker processes ended, by the reason.');
  for (const [reason, count] of Object.entries(exits)) out.sample({ reason }, count);
  out.family('synapse_worker_memory_bytes', 'gauge', 'Resident memory where it is watched.');
  for (const { pid, memoryBytes } of workers) {
    if (pid !== undefined && memoryBytes !== undefined) out.sample({ pid }, memoryBytes);
  }
}

/** Writes families one after another; samples belong to the last one begun. */
class MetricWriter {
  readonly #common: Labels;
  #lines: string[] = [];
  #name = '';

  constructor(common: Labels) {
    this.#common = common;
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): void {
    this.#name = name;
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  gauge(name: string, help: string, value: number): void {
    this.family(name, 'gauge', help);
    this.sample({}, value);
  }

  counter(name: string, help: string, value: number): void {
    this.family(name, 'counter', help);
    this.sample({}, value);
  }

  sample(labels: Labels, value: number, suffix = ''): void {
    const pairs = Object.entries({ ...this.#common, ...labels });
    const inside = pairs.map(([name, text]) => `${name}="${escaped(String(text))}"`).join(',');
    this.#lines.push(`${this.#name}${suffix}{${inside}} ${value}`);
  }

  histogram(labels: Labels, { buckets, count, sumMs }: HistogramStats): void {
    for (const { leMs, count: least } of buckets) {
      this.sample({ ...labels, le: leMs / MS_PER_S }, least, '_bucket');
    }
    this.sample({ ...labels, le: '+Inf' }, count, '_bucket');
    this.sample(labels, sumMs / MS_PER_S, '_sum');
    this.sample(labels, count, '_count');
  }
}

/** Names of methods and modules are the user's. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/**
 * Turns what the supervisor tells into numbers, events and `diagnostics_channel` messages. Per call
 * it counts and records three times; the rest is done when somebody asks.
 */
import type { CircuitState, RecycleReason } from '../../core/client/events.js';
import type { ClientStats, ZygoteStatus } from '../../core/client/stats.js';
import { CallTimeoutError } from '../../core/errors.js';
import { NameMap } from '../../core/name-map.js';
import type { WorkerState, WorkerStatus } from '../../core/worker-status.js';
import { EventHub } from './event-hub.js';
import { MethodMeter } from './method-meter.js';
import type { Observation } from './observation.js';
import type {
  ObservedExit,
  ObservedTask,
  ObservedWorker,
  Outcome,
  PoolObserver,
} from './observer.js';
import { tellWorkerChannel } from './worker-channel.js';
import { WorkerTally } from './worker-tally.js';

/** One call in so many is asked how long it ran in Python. */
const TIMING_SAMPLE = 64;
/** Names come from callers, who may make them up: methods above so many are counted as one. */
const MAX_METHODS = 500;
const FURTHER_METHODS = '(others)';

/** What a pool knows of itself at the moment. */
export interface PoolFigures {
  readonly workers: readonly WorkerStatus[];
  readonly queued: number;
  readonly circuit: CircuitState;
  readonly zygote: ZygoteStatus;
}

export class PoolRecorder implements PoolObserver {
  readonly events = new EventHub();
  /** What messages call the module. */
  readonly #name: string;
  readonly #since = Date.now();
  readonly #meters = new NameMap<MethodMeter>();
  readonly #workers = new WorkerTally();
  #retries = 0;
  #untilTiming = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Where the calls of a method are counted. */
  meterOf({ method, isStream }: Pick<ObservedTask, 'method' | 'isStream'>): MethodMeter {
    return this.#meters.get(method) ?? this.#addMeter(method, isStream);
  }

  onQueued(task: ObservedTask): void {
    // One that is traced brings its own.
    task.observed ??= this.meterOf(task);
    (task.observed as Observation).queued();
    if (this.#untilTiming > 0) {
      this.#untilTiming -= 1;
    } else {
      this.#untilTiming = TIMING_SAMPLE - 1;
      task.wantsTiming = true;
    }
  }

  onDispatched(): void {
    // When that was stands in the task.
  }

  onStarted(): void {
    // So does this.
  }

  onSettled(task: ObservedTask, outcome: Outcome, error?: unknown): void {
    (task.observed as Observation).settled(task, outcome, error);
    task.observed = undefined;
    if (error instanceof CallTimeoutError) {
      const { clock, timeoutMs } = error;
      this.events.emit('timeout', { method: task.method, clock, timeoutMs });
    }
  }

  onDrain(): void {
    this.events.emit('drain', undefined);
  }

  onWorkerState(
    { pid }: ObservedWorker,
    state: WorkerState,
    previous: WorkerState | undefined,
    reason?: string,
  ): void {
    if (previous === undefined) this.#workers.started += 1;
    const event = { pid, state, previous, ...(reason !== undefined && { reason }) };
    this.events.emit('worker', event);
    tellWorkerChannel(this.#name, 'state', event);
  }

  onWorkerExit({ pid }: ObservedWorker, exit: ObservedExit): void {
    const { exitCode, signal, reason, calls } = exit;
    this.#workers.exited(reason);
    const event = { pid, exitCode, signal, reason, calls };
    this.events.emit('workerExit', event);
    tellWorkerChannel(this.#name, 'exit', event);
  }

  onRestart(): void {
    this.#workers.restarted += 1;
  }

  onCircuit(state: CircuitState, reason: string): void {
    const event = { state, reason };
    this.events.emit('circuit', event);
    tellWorkerChannel(this.#name, 'circuit', event);
  }

  onRetry({ method }: ObservedTask, attempt: number, { pid }: ObservedWorker): void {
    this.#retries += 1;
    this.events.emit('retry', { method, attempt, pid });
  }

  onRecycle({ pid }: ObservedWorker, why: RecycleReason): void {
    this.#workers.recycled += 1;
    const event = { pid, why };
    this.events.emit('recycle', event);
    tellWorkerChannel(this.#name, 'recycle', event);
  }

  onUnresponsive({ pid }: ObservedWorker, sinceMs: number, pythonStack: string | undefined): void {
    const event = { pid, sinceMs, ...(pythonStack !== undefined && { pythonStack }) };
    this.events.emit('unresponsive', event);
    tellWorkerChannel(this.#name, 'unresponsive', event);
  }

  stats({ workers, queued, circuit, zygote }: PoolFigures): ClientStats {
    // Streams count, but last as long as their readers let them: times are those of calls.
    const whole = new MethodMeter(false);
    let openStreams = 0;
    for (const meter of this.#meters.values()) {
      whole.addCounts(meter);
      if (meter.isStream) openStreams += meter.pending;
      else whole.latencies.add(meter.latencies);
    }
    return {
      module: this.#name,
      since: this.#since,
      workers,
      workerCounts: this.#workers.counts(),
      queued,
      inFlight: workers.reduce((sum, { inFlight }) => sum + inFlight, 0),
      openStreams,
      retries: this.#retries,
      circuit,
      zygote,
      ...whole.stats(),
      methods: Object.fromEntries(
        Array.from(this.#meters, ([method, meter]) => [method, meter.stats()]),
      ),
    };
  }

  #addMeter(method: string, isStream: boolean): MethodMeter {
    const full = this.#meters.size >= MAX_METHODS;
    const name = full ? FURTHER_METHODS : method;
    const meter = this.#meters.get(name) ?? new MethodMeter(isStream);
    this.#meters.set(name, meter);
    return meter;
  }
}

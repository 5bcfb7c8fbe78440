/**
 * The untyped client of a mock: it has no workers, knows of no methods but those of the typed one, and
 * counts nothing. Nothing happens to what it has not, so its listeners are never told anything.
 */
import { asyncDispose } from '../core/async-dispose.js';
import type { Client } from '../core/client/client.js';
import type { ClientStats, HistogramStats } from '../core/client/stats.js';
import type { SynapseStream } from '../core/client/stream.js';
import { SynapseError } from '../core/protocol/errors.js';
import type { WorkerStatus } from '../core/worker-status.js';

export class MockClient implements Client {
  readonly workers: readonly WorkerStatus[] = [];
  readonly queued = 0;
  readonly needsDrain = false;
  readonly #module: string;
  readonly #since = Date.now();
  readonly #onClose: () => void;

  /** @param module what messages call the module */
  constructor(module: string, onClose: () => void) {
    this.#module = module;
    this.#onClose = onClose;
  }

  async call<T = unknown>(name: string): Promise<T> {
    throw notMocked(name);
  }

  stream<T = unknown>(name: string): SynapseStream<T> {
    throw notMocked(name);
  }

  on(): () => void {
    return () => undefined;
  }

  stats(): ClientStats {
    return emptyStats(this.#module, this.#since);
  }

  metrics(): string {
    return '';
  }

  async close(): Promise<void> {
    this.#onClose();
  }

  async terminate(): Promise<void> {
    this.#onClose();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

function notMocked(name: string): SynapseError {
  return new SynapseError(
    'METHOD_NOT_FOUND',
    `The untyped client of a mock calls nothing: use the method of the typed one instead of "${name}".`,
  );
}

const NO_TIMES: HistogramStats = {
  ...{ count: 0, sumMs: 0, meanMs: 0, minMs: 0, maxMs: 0 },
  ...{ p50Ms: 0, p90Ms: 0, p99Ms: 0, p999Ms: 0, buckets: [] },
};

function emptyStats(module: string, since: number): ClientStats {
  return {
    ...{ module, since, workers: [], queued: 0, inFlight: 0, openStreams: 0, retries: 0 },
    ...{ submitted: 0, completed: 0, failed: 0, left: 0, failures: {}, methods: {} },
    ...{ queue: NO_TIMES, run: NO_TIMES, wire: NO_TIMES, total: NO_TIMES },
    workerCounts: { started: 0, restarted: 0, exited: 0, exits: {}, recycled: 0 },
    circuit: 'closed',
    zygote: { state: 'off' },
  };
}

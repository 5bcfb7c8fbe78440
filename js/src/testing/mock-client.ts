/** The untyped client of a mock: it has no workers, and knows of no methods but those of the typed one. */
import { asyncDispose } from '../core/async-dispose.js';
import type { Client } from '../core/client/client.js';
import type { SynapseStream } from '../core/client/stream.js';
import { SynapseError } from '../core/protocol/errors.js';
import type { WorkerStatus } from '../core/worker-status.js';

export class MockClient implements Client {
  readonly workers: readonly WorkerStatus[] = [];
  readonly queued = 0;
  readonly needsDrain = false;
  readonly #onClose: () => void;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  async call<T = unknown>(name: string): Promise<T> {
    throw notMocked(name);
  }

  stream<T = unknown>(name: string): SynapseStream<T> {
    throw notMocked(name);
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

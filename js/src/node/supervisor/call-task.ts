/** A native call under supervision, told to its caller through a promise. */
import type { CallOptions } from '../../core/client/client.js';
import type { CallSink } from '../../core/peer/sinks.js';
import type { SynapseError } from '../../core/protocol/errors.js';
import type { NativeConnection } from './native-dialect.js';
import { Task } from './task.js';

export class CallTask extends Task<NativeConnection> implements CallSink {
  id = 0;
  readonly onProgress: ((value: unknown) => void) | undefined;
  readonly #args: unknown[];
  readonly #kwargs: Record<string, unknown>;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    call: { method: string; args: readonly unknown[]; kwargs: Readonly<Record<string, unknown>> },
    timeoutMs: number,
    options: CallOptions,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super(call.method, timeoutMs, options.signal);
    this.#args = call.args as unknown[];
    this.#kwargs = call.kwargs as Record<string, unknown>;
    this.#resolve = resolve;
    this.#reject = reject;
    this.onProgress = this.guardProgress(options.onProgress);
  }

  protected override send(connection: NativeConnection): void {
    this.id = connection.peer.call(this.method, this.#args, this.#kwargs, this);
  }

  override isSerial(connection: NativeConnection): boolean {
    return connection.modeOf(this.method) === 'sync';
  }

  onResult(value: unknown): void {
    this.ended();
    if (this.settle()) this.#resolve(value);
  }

  onError(error: SynapseError): void {
    this.failed(error);
  }

  /** The worker decides, when it has ended, whether this one may have run. */
  onLost(): void {}

  protected override deliverError(error: unknown): void {
    this.#reject(error);
  }
}

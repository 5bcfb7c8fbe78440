/** A native call under supervision, told to its caller through a promise. */
import { failedCall } from '../../../core/client/caller-stack.js';
import type { CallOptions } from '../../../core/client/client.js';
import type { CallSink } from '../../../core/peer/sinks.js';
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { CallMeta } from '../../../core/protocol/messages.js';
import type { NativeConnection } from '../connection/native-dialect.js';
import type { CallPolicy } from './call-policy.js';
import type { NativeRequest } from './native-request.js';
import type { Preparation } from './preparation.js';
import { Task } from './task.js';

export class CallTask extends Task<NativeConnection> implements CallSink {
  id = 0;
  readonly onProgress: ((value: unknown) => void) | undefined;
  meta: CallMeta | undefined;
  readonly #request: NativeRequest;
  readonly #resolve: (value: unknown) => void;

  /** @param resolve settles the promise of its caller, with the answer or with a promise that rejects */
  constructor(
    request: NativeRequest,
    policy: CallPolicy,
    options: CallOptions,
    resolve: (value: unknown) => void,
  ) {
    super(request.method, policy, options.signal, request);
    this.#request = request;
    this.#resolve = resolve;
    this.onProgress = this.guardProgress(options.onProgress);
  }

  override get preparation(): Preparation | undefined {
    return this.#request.preparation;
  }

  protected override send(connection: NativeConnection): void {
    const { args, kwargs } = this.#request;
    this.id = connection.peer.call(this.method, args, kwargs, this);
    this.sentReferences = connection.peer.sentReferences(this.id);
    this.waits = this.sentReferences && connection.modeOf(this.method) === 'sync';
  }

  override isSerial(connection: NativeConnection): boolean {
    return connection.modeOf(this.method) === 'sync';
  }

  onResult(value: unknown, hasBigInt: boolean, runNs = 0): void {
    this.runNs = runNs;
    const { owner } = this;
    this.ended();
    const request = this.#request;
    if (this.settled) {
      request.drop?.(value, owner);
      return;
    }
    let received = value;
    if (request.receive !== undefined) {
      try {
        received = request.receive(value, hasBigInt, owner);
      } catch (error) {
        this.fail(error);
        return;
      }
    }
    this.complete();
    this.#resolve(received);
  }

  onError(error: SynapseError): void {
    this.failed(error);
  }

  /** The worker decides, when it has ended, whether this one may have run. */
  onLost(): void {}

  protected override deliverError(error: unknown): void {
    this.#resolve(failedCall(this.#request.fail?.(error) ?? error));
  }
}

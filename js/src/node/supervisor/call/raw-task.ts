/** One request to a raw script under supervision. */
import type { CallOptions } from '../../../core/client/client.js';
import type { CallSink } from '../../../core/peer/sinks.js';
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { RawConnection } from '../connection/raw-dialect.js';
import type { CallPolicy } from './call-policy.js';
import { SlicedInput } from './sliced-input.js';
import { Task } from './task.js';

/** Raw scripts have no methods; messages and estimates need a word for what they do. */
const RAW_METHOD = 'call';

export class RawTask extends Task<RawConnection> implements CallSink {
  readonly id = 0;
  readonly #input: unknown;
  readonly #slices: SlicedInput | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    input: unknown,
    policy: CallPolicy,
    options: CallOptions,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super(RAW_METHOD, policy, options.signal);
    this.#input = input;
    this.#slices = options.sliced === true ? new SlicedInput(input) : undefined;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  override get title(): string {
    return 'The call';
  }

  override get preparation(): SlicedInput | undefined {
    return this.#slices;
  }

  protected override send(connection: RawConnection): void {
    const encoded = this.#slices?.encoded;
    if (encoded === undefined) connection.peer.request(this.#input, this);
    else connection.peer.encodedRequest(encoded, this);
  }

  override isSerial(): boolean {
    return true;
  }

  onResult(value: unknown): void {
    this.ended();
    if (this.complete()) this.#resolve(value);
  }

  onError(error: SynapseError): void {
    this.ended();
    this.fail(error);
  }

  /** The worker decides, when it has ended, whether the script had begun it. */
  onLost(): void {}

  protected override deliverError(error: unknown): void {
    this.#reject(error);
  }
}

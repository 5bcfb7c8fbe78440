/** What a peer tells the one who made a call or opened a stream. Exactly one end is told. */
import type { SynapseError } from '../protocol/errors.js';
import type { CallMeta } from '../protocol/messages.js';

interface Sink {
  /** The end, as a failure: from the other end, or because its answer did not decode. */
  onError(error: SynapseError): void;
  /** The end, as the loss of the connection: what the other end did is not known. */
  onLost(error: SynapseError): void;
  /** Asked for by being there: its presence makes the callee send progress. */
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Words about the call that its callee is told, where it listens to such. */
  readonly meta?: CallMeta | undefined;
  /** Nobody waits for it any more, though it has not ended: its functions are not called again. */
  readonly settled?: boolean;
  /** Calls a function that was among the arguments, in surroundings of its own choosing. */
  runCallback?(callback: () => unknown): unknown;
}

export interface CallSink extends Sink {
  /** Whether the callee is asked how long the method runs. */
  readonly wantsTiming?: boolean;
  /**
   * @param hasBigInt whether an integer beyond ±(2^53 − 1) is somewhere in `value`
   * @param runNs how long the method ran, in nanoseconds, where the callee has told
   */
  onResult(value: unknown, hasBigInt: boolean, runNs?: number): void;
}

export interface StreamSink extends Sink {
  /**
   * @param payloadBytes how large the message was that brought them
   * @param hasBigInt whether an integer beyond ±(2^53 − 1) is somewhere in them
   */
  onItems(items: readonly unknown[], payloadBytes: number, hasBigInt: boolean): void;
  onEnd(): void;
}

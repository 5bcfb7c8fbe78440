/**
 * What a generated client stands on: something that carries a packed call to Python and its answer
 * back. A pool of workers is one; a mock in a test is another.
 */
import type { Labelled } from './argument-refusals.js';
import type { CallOptions, Client } from './client.js';
import type { MethodSpec } from './method.js';
import type { SynapseStream } from './stream.js';

/** The worker that answered. Only whoever made it looks further inside. */
export interface Home {
  /** Whether service instances live there, which would end with it. */
  inhabited?: boolean;
}

/** A typed call on its way: as its caller gave it, and as it travels. */
export interface MethodCall {
  readonly spec: MethodSpec;
  /** One for each positional parameter, `undefined` for one left out. */
  readonly positionals: readonly unknown[];
  readonly keywords: object | undefined;
  /** Python's name of the method. */
  readonly method: string;
  /** What travels; the id of the instance is the first of it when there is one. */
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The service instance whose method this is. */
  readonly instance?: number | undefined;
  /** The worker that has to run it: the one where the instance lives. */
  readonly home?: Home | undefined;
  /** What the caller is told instead when that worker has gone. */
  readonly homeless?: ((cause?: unknown) => unknown) | undefined;
  /** What must not be collected before the call has ended: the face of the instance. */
  readonly keeps?: object | undefined;
  /**
   * Makes of a decoded answer, or of one item, what the caller gets.
   *
   * @param hasBigInt whether a `bigint` stands anywhere in `value`
   * @throws {DecodeError} it is not what was promised
   */
  receive(value: unknown, hasBigInt: boolean, home: Home | undefined): unknown;
  /** Takes an answer, or an item, that came too late for its caller. */
  drop(value: unknown, home: Home | undefined): void;
  /** Makes of an error what the caller gets. */
  fail(error: unknown): unknown;
}

export interface ModuleRuntime {
  /** The untyped client of the same workers. */
  readonly client: Client;
  /** Resolves to what `call.receive` makes of the answer; rejects with what `call.fail` makes of an error. */
  request(call: MethodCall, options: CallOptions): Promise<unknown>;
  /** The same for each item, and for the error that ends it. */
  open(call: MethodCall, options: CallOptions): SynapseStream<unknown>;
  /** Refuses what are no options of a call. @throws {ValidationError} @throws {SynapseError} `INVALID_CONFIG` */
  checkOptions?(called: Labelled, options: unknown): void;
  /** What becomes of a call that could not be made: rejects with `error`, and the lines that made the call. */
  refuse?(error: unknown): Promise<never>;
}

/** What a native call or stream asks for, and what is made of its answer. */
import type { EncodedArguments } from '../../../core/protocol/messages.js';
import type { Binding } from './binding.js';
import type { Preparation } from './preparation.js';

export interface NativeRequest extends Binding {
  readonly method: string;
  /** What goes by position; or, without `kwargs`, both that and what goes by name, encoded already. */
  readonly args: readonly unknown[] | EncodedArguments;
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
  /** What is to be done before it can be sent. */
  readonly preparation?: Preparation | undefined;
  /**
   * Makes of the answer, or of each item, what the caller gets; absent when it is taken as it is.
   *
   * @param hasBigInt whether an integer beyond ±(2^53 − 1) is somewhere in it
   * @param home the worker that it came from
   */
  receive?(value: unknown, hasBigInt: boolean, home: object | undefined): unknown;
  /** Takes an answer, or an item, that came when its caller had given up. */
  drop?(value: unknown, home: object | undefined): void;
  /** Makes of an error what the caller gets; absent when it is taken as it is. */
  fail?(error: unknown): unknown;
  /** What must stay reachable as long as this is. */
  readonly keeps?: object | undefined;
}

/** A native request whose arguments are encoded in slices before it is sent (docs/decisions/0049). */
import { ALL_EXTENSIONS } from '../../../core/protocol/codec/all-extensions.js';
import type { EncodedArguments } from '../../../core/protocol/messages.js';
import { SlicedArguments } from '../../../core/protocol/sliced-arguments.js';
import type { NativeRequest } from './native-request.js';
import type { Preparation } from './preparation.js';

export class SlicedRequest implements NativeRequest, Preparation {
  readonly method: string;
  receive?: NonNullable<NativeRequest['receive']>;
  drop?: NonNullable<NativeRequest['drop']>;
  fail?: NonNullable<NativeRequest['fail']>;
  args: readonly unknown[] | EncodedArguments;
  kwargs: Readonly<Record<string, unknown>> | undefined;
  readonly #request: NativeRequest;
  /** There from the first slice to the last. */
  #slices: SlicedArguments | undefined;

  constructor(request: NativeRequest) {
    this.#request = request;
    this.method = request.method;
    this.args = request.args;
    this.kwargs = request.kwargs;
    // What is not there is looked for by whoever has the answer.
    if (request.receive !== undefined) this.receive = request.receive.bind(request);
    if (request.drop !== undefined) this.drop = request.drop.bind(request);
    if (request.fail !== undefined) this.fail = request.fail.bind(request);
  }

  get preparation(): Preparation {
    return this;
  }

  get isDone(): boolean {
    return this.kwargs === undefined;
  }

  get home(): object | undefined {
    return this.#request.home;
  }

  get homeless(): ((cause?: unknown) => unknown) | undefined {
    return this.#request.homeless;
  }

  get keeps(): object | undefined {
    return this.#request.keeps;
  }

  step(): void {
    const { args, kwargs } = this;
    if (kwargs === undefined) return;
    this.#slices ??= SlicedArguments.of(args as readonly unknown[], kwargs, ALL_EXTENSIONS);
    this.#slices.step();
    const { encoded } = this.#slices;
    if (encoded === undefined) return;
    this.args = encoded;
    this.kwargs = undefined;
    this.#slices = undefined;
  }
}

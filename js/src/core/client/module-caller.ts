/**
 * Makes the typed calls of one generated client: packs their arguments, reads their answers by
 * plan, gives errors their classes, and knows the service instances that are alive.
 */
import { plainArguments } from './arguments.js';
import type { CallOptions, CloseOptions } from './client.js';
import { type Instances, NO_INSTANCES, type Target } from './instance-life.js';
import type { MethodSpec } from './method.js';
import type { ModuleRuntime } from './module-runtime.js';
import type { ModuleSpec } from './module-spec.js';
import type { SynapseStream } from './stream.js';
import { type CallingModule, labelOf, TypedCall, typedErrorOf } from './typed-call.js';

const NO_OPTIONS: CallOptions = Object.freeze({});

export class ModuleCaller implements CallingModule {
  readonly runtime: ModuleRuntime;
  readonly spec: ModuleSpec;
  readonly instances: Instances;

  constructor(runtime: ModuleRuntime, spec: ModuleSpec) {
    this.runtime = runtime;
    this.spec = spec;
    const [service] = Object.values(spec.services ?? {});
    this.instances = service?.class.$instances(this) ?? NO_INSTANCES;
  }

  call(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions = NO_OPTIONS,
    target?: Target,
  ): Promise<unknown> {
    let call: TypedCall;
    try {
      call = this.#pack(method, positionals, keywords, options, target);
    } catch (error) {
      const told = typedErrorOf(this, method, error);
      return this.runtime.refuse?.(told) ?? Promise.reject(told);
    }
    return this.runtime.request(call, options);
  }

  stream(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions = NO_OPTIONS,
    target?: Target,
  ): SynapseStream<unknown> {
    return this.runtime.open(this.#pack(method, positionals, keywords, options, target), options);
  }

  /** Disposes of the instances that are left, finishes what was called, and ends the workers. */
  close(options?: CloseOptions): Promise<void> {
    this.instances.disposeAll();
    return this.runtime.client.close(options);
  }

  #pack(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions,
    target: Target | undefined,
  ): TypedCall {
    const packed =
      plainArguments(method, positionals, keywords) ??
      method.pack(method, positionals, keywords, labelOf(this, method));
    if (options !== NO_OPTIONS) {
      this.runtime.checkOptions?.({ method, label: labelOf(this, method) }, options);
    }
    return new TypedCall(this, method, positionals, keywords, packed, target);
  }
}

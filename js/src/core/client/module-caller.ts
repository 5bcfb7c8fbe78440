/**
 * Makes the typed calls of one generated client: packs their arguments, reads their answers by
 * plan, gives errors their classes, and knows the service instances that are alive.
 */
import { requireSafeIntegers } from '../protocol/codec/integer-range.js';
import { checkOptions } from './argument-refusals.js';
import { packArguments } from './arguments.js';
import { withCallerStack } from './caller-stack.js';
import type { CallOptions, CloseOptions } from './client.js';
import { InstanceTable } from './instance-table.js';
import type { MethodSpec } from './method.js';
import type { MethodCall, ModuleRuntime } from './module-runtime.js';
import type { ModuleSpec } from './module-spec.js';
import type { Target } from './remote-instance.js';
import type { ServiceClass } from './service-instance.js';
import type { SynapseStream } from './stream.js';
import { ofMethod, typedError } from './typed-errors.js';

const NO_OPTIONS: CallOptions = Object.freeze({});

export class ModuleCaller {
  readonly runtime: ModuleRuntime;
  readonly #spec: ModuleSpec;
  readonly #instances: InstanceTable;

  constructor(runtime: ModuleRuntime, spec: ModuleSpec) {
    this.runtime = runtime;
    this.#spec = spec;
    this.#instances = new InstanceTable(this, (type) => serviceName(spec, type));
  }

  async call(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions = NO_OPTIONS,
    target?: Target,
  ): Promise<unknown> {
    try {
      const call = this.#pack(method, positionals, keywords, options, target);
      return await this.runtime.request(call, options);
    } catch (error) {
      throw withCallerStack(this.#typed(error, method));
    }
  }

  stream(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions = NO_OPTIONS,
    target?: Target,
  ): SynapseStream<unknown> {
    const call = this.#pack(method, positionals, keywords, options, target);
    return this.runtime.open(call, options, (error) => this.#typed(error, method));
  }

  /** Disposes of the instances that are left, finishes what was called, and ends the workers. */
  close(options?: CloseOptions): Promise<void> {
    this.#instances.disposeAll();
    return this.runtime.client.close(options);
  }

  #pack(
    spec: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions,
    target: Target | undefined,
  ): MethodCall {
    const label = `${this.#spec.module}.${spec.name}`;
    const { args, kwargs } = packArguments(spec, positionals, keywords, label);
    if (options !== NO_OPTIONS) checkOptions({ method: spec, label }, options);
    return {
      ...{ spec, positionals, keywords, kwargs },
      method: spec.name,
      args: target === undefined ? args : [target.id, ...args],
      instance: target?.id,
      home: target?.home,
      homeless: target?.lost,
      keeps: target?.face,
      drop: (value, home) => this.#instances.drop(spec, value, home),
      receive: (value, hasBigInt, home) => {
        try {
          if (hasBigInt && spec.wide !== true) requireSafeIntegers(value);
          return spec.result === undefined
            ? value
            : spec.result.decode(value, '$', this.#instances.context(spec.name, home));
        } catch (error) {
          this.#instances.drop(spec, value, home);
          throw ofMethod(error, spec.name, label);
        }
      },
    };
  }

  #typed(error: unknown, { name }: MethodSpec): unknown {
    return typedError(error, this.#spec, this.#instances.context(name, undefined));
  }
}

/** Python's name of a service. */
function serviceName({ services = {} }: ModuleSpec, type: ServiceClass): string {
  const found = Object.entries(services).find(([, service]) => service.class === type);
  return found?.[0] ?? type.name;
}

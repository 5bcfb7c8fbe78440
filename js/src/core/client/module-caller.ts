/**
 * Makes the typed calls of one generated client: packs their arguments, reads their answers by
 * plan, gives errors their classes, and knows the service instances that are alive.
 */
import { requireSafeIntegers } from '../protocol/codec/integer-range.js';
import type { DecodeContext } from '../schema/index.js';
import { checkOptions } from './argument-refusals.js';
import { packArguments } from './arguments.js';
import { withCallerStack } from './caller-stack.js';
import type { CallOptions } from './client.js';
import type { MethodSpec } from './method.js';
import type { Home, MethodCall, ModuleRuntime } from './module-runtime.js';
import type { ModuleSpec } from './module-spec.js';
import { RemoteInstance, type Target } from './remote-instance.js';
import type { ServiceClass, ServiceInstance } from './service-instance.js';
import type { SynapseStream } from './stream.js';
import { ofMethod, typedError } from './typed-errors.js';

const NO_OPTIONS: CallOptions = Object.freeze({});

export class ModuleCaller {
  readonly runtime: ModuleRuntime;
  readonly #spec: ModuleSpec;
  readonly #instances = new Set<RemoteInstance>();
  /** Nobody holds the face of these any more; nobody will close them either. */
  readonly #forgotten = new FinalizationRegistry<RemoteInstance>((instance) => {
    // Who could be told that it failed? The worker forgets it with its own end at the latest.
    instance.dispose().catch(() => undefined);
  });

  constructor(runtime: ModuleRuntime, spec: ModuleSpec) {
    this.runtime = runtime;
    this.#spec = spec;
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
  close(): Promise<void> {
    for (const instance of this.#instances) {
      // An instance that fails to close must not keep the others, and the client, from closing.
      instance.dispose().catch(() => undefined);
    }
    return this.runtime.client.close();
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
      receive: (value, hasBigInt, home) => {
        try {
          if (hasBigInt && spec.wide !== true) requireSafeIntegers(value);
          return spec.result === undefined
            ? value
            : spec.result.decode(value, '$', this.#context(spec.name, home));
        } catch (error) {
          throw ofMethod(error, spec.name, label);
        }
      },
    };
  }

  #context(method: string, home: Home | undefined): DecodeContext {
    return { method, service: (type, id) => this.#adopt(type as ServiceClass, id, home) };
  }

  /** Gives an instance that came from Python its face. */
  #adopt(type: ServiceClass, id: number, home: Home | undefined): ServiceInstance {
    const name = serviceName(this.#spec, type);
    const instance = new RemoteInstance(this, name, id, home, () =>
      this.#instances.delete(instance),
    );
    this.#instances.add(instance);
    const face = new type(instance);
    this.#forgotten.register(face, instance);
    return face;
  }

  #typed(error: unknown, { name }: MethodSpec): unknown {
    return typedError(error, this.#spec, this.#context(name, undefined));
  }
}

/** Python's name of a service. */
function serviceName({ services = {} }: ModuleSpec, type: ServiceClass): string {
  const found = Object.entries(services).find(([, service]) => service.class === type);
  return found?.[0] ?? type.name;
}

/** The face of a module: what generated client classes extend. Its own names begin with `$`. */
import { asyncDispose } from '../async-dispose.js';
import type { CallOptions, Client, CloseOptions } from './client.js';
import type { MethodSpec } from './method.js';
import { ModuleCaller } from './module-caller.js';
import type { ModuleRuntime } from './module-runtime.js';
import type { ModuleSpec } from './module-spec.js';
import type { SynapseStream } from './stream.js';

/** A generated client class. `connect()` of its file makes its instances. */
export interface ModuleClass<C extends ModuleClient = ModuleClient> {
  new (runtime: ModuleRuntime): C;
  readonly $spec: ModuleSpec;
}

export class ModuleClient implements AsyncDisposable {
  readonly #caller: ModuleCaller;

  /** @internal */
  constructor(runtime: ModuleRuntime) {
    this.#caller = new ModuleCaller(runtime, (new.target as unknown as ModuleClass).$spec);
  }

  /**
   * The untyped client of the same workers: their states, events and numbers (`on()`, `stats()`,
   * `metrics()`), the queue, calls by name.
   */
  get $client(): Client {
    return this.#caller.runtime.client;
  }

  /** Calls a method; generated methods do it. */
  $call<T>(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords?: object | undefined,
    options?: CallOptions | undefined,
  ): Promise<T> {
    return this.#caller.call(method, positionals, keywords, options) as Promise<T>;
  }

  /** Iterates over what a generator yields; generated methods do it. */
  $stream<T>(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords?: object | undefined,
    options?: CallOptions | undefined,
  ): SynapseStream<T> {
    return this.#caller.stream(method, positionals, keywords, options) as SynapseStream<T>;
  }

  /**
   * Takes no new calls, finishes those made, disposes of service instances, and ends the workers.
   * Safe to call again.
   */
  close(options?: CloseOptions): Promise<void> {
    return this.#caller.close(options);
  }

  /** Ends the workers at once; every open call rejects with `ClosedError`. */
  terminate(): Promise<void> {
    return this.$client.terminate();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

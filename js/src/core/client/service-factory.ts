/** Makes instances of one service: what generated factories, as in `client.Counter`, extend. */
import type { CallOptions } from './client.js';
import type { MethodSpec } from './method.js';
import type { ModuleClient } from './module-client.js';
import type { SynapseStream } from './stream.js';

export class ServiceFactory {
  readonly #client: ModuleClient;

  /** @internal */
  constructor(client: ModuleClient) {
    this.#client = client;
  }

  /** Calls the constructor, a class method or a static one; generated methods do it. */
  $call<T>(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords?: object | undefined,
    options?: CallOptions | undefined,
  ): Promise<T> {
    return this.#client.$call<T>(method, positionals, keywords, options);
  }

  /** Iterates over what a class method or a static one yields; generated methods do it. */
  $stream<T>(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords?: object | undefined,
    options?: CallOptions | undefined,
  ): SynapseStream<T> {
    return this.#client.$stream<T>(method, positionals, keywords, options);
  }
}

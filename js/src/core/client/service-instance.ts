/** The face of an object that lives in Python: what generated service classes extend. */
import { asyncDispose } from '../async-dispose.js';
import type { CallOptions } from './client.js';
import type { FaceClass, InstanceCaller, InstanceLife, Instances } from './instance-life.js';
import { InstanceTable } from './instance-table.js';
import type { MethodSpec } from './method.js';
import type { SynapseStream } from './stream.js';

/** The services of a module by their names in Python. */
interface Services {
  readonly services?: Readonly<Record<string, { readonly class: FaceClass }>>;
}

/** What makes the calls of the instances of one module. */
interface ModuleInstanceCaller extends InstanceCaller {
  readonly spec: Services;
}

/** A generated service class. Clients make its instances; `new` is not for users. */
export interface ServiceClass {
  new (life: InstanceLife): ServiceInstance;
  /** @internal */
  $instances(caller: ModuleInstanceCaller): Instances;
}

/**
 * An object of a Python service. It lives in one worker, where all its methods run, until it is
 * disposed of, forgotten, or that worker ends; then its methods reject with `SERVICE_CLOSED`.
 */
export class ServiceInstance implements AsyncDisposable {
  readonly #life: InstanceLife;

  /**
   * Makes what keeps the instances of a client; a bundle of clients without services goes without.
   *
   * @internal
   */
  static $instances(caller: ModuleInstanceCaller): Instances {
    return new InstanceTable(caller, (type) => serviceName(caller.spec, type));
  }

  /** @internal */
  constructor(life: InstanceLife) {
    this.#life = life;
  }

  /** Calls a method of the instance; generated methods do it. */
  $call<T>(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords?: object | undefined,
    options?: CallOptions | undefined,
  ): Promise<T> {
    return this.#life.call(this, method, positionals, keywords, options) as Promise<T>;
  }

  /** Iterates over what a generator of the instance yields; generated methods do it. */
  $stream<T>(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords?: object | undefined,
    options?: CallOptions | undefined,
  ): SynapseStream<T> {
    return this.#life.stream(this, method, positionals, keywords, options) as SynapseStream<T>;
  }

  /**
   * Forgets the instance in Python, after its own `close`, `aclose` or `__exit__` if it has one.
   * Methods of it that run are waited for, however long they take, but for those that were given
   * functions: one of these may be what closes it. Streams are not waited for. Safe to call again.
   *
   * @throws {PythonError} what that raised
   */
  $dispose(): Promise<void> {
    return this.#life.dispose();
  }

  [asyncDispose](): Promise<void> {
    return this.$dispose();
  }
}

/** Python's name of a service. */
function serviceName({ services = {} }: Services, type: FaceClass): string {
  const found = Object.entries(services).find(([, service]) => service.class === type);
  return found?.[0] ?? type.name;
}

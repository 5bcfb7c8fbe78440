/** The life of a service instance in Python, from the answer that brought its id to its end. */
import { SynapseError } from '../protocol/errors.js';
import type { CallOptions } from './client.js';
import { type MethodSpec, method } from './method.js';
import type { Home } from './module-runtime.js';
import type { InstanceLife } from './service-instance.js';
import type { SynapseStream } from './stream.js';

/** The instance that a call is made on. */
export interface Target {
  /** Its number in its worker. */
  readonly id: number;
  /** The worker where it lives. */
  readonly home: Home | undefined;
  /** What its caller is told when that worker has gone. */
  readonly lost: () => SynapseError;
}

/** What makes the calls of instances. */
export interface InstanceCaller {
  call(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
    target: Target,
  ): Promise<unknown>;
  stream(
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
    target: Target,
  ): SynapseStream<unknown>;
}

export class RemoteInstance implements InstanceLife, Target {
  readonly id: number;
  readonly home: Home | undefined;
  readonly #caller: InstanceCaller;
  readonly #service: string;
  readonly #onDisposed: () => void;
  #disposal: Promise<void> | undefined;

  constructor(
    caller: InstanceCaller,
    service: string,
    id: number,
    home: Home | undefined,
    onDisposed: () => void,
  ) {
    this.#caller = caller;
    this.#service = service;
    this.id = id;
    this.home = home;
    this.#onDisposed = onDisposed;
  }

  call(
    spec: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    if (this.#disposal !== undefined) return Promise.reject(this.#closed());
    return this.#caller.call(spec, positionals, keywords, options, this);
  }

  stream(
    spec: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
  ): SynapseStream<unknown> {
    if (this.#disposal !== undefined) throw this.#closed();
    return this.#caller.stream(spec, positionals, keywords, options, this);
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  readonly lost = (): SynapseError =>
    closed(
      `The worker that held this ${this.#service} has ended, and the instance with it: make a new one.`,
    );

  async #dispose(): Promise<void> {
    this.#onDisposed();
    const dispose = method({ name: `${this.#service}.$dispose`, parameters: [] });
    try {
      await this.#caller.call(dispose, [], undefined, undefined, this);
    } catch (error) {
      // Gone already, with its worker or with its client: that is what was asked for.
      if (SynapseError.is(error) && GONE.includes(error.code)) return;
      throw error;
    }
  }

  #closed(): SynapseError {
    return closed(`This ${this.#service} has been closed.`);
  }
}

/** How a call fails whose instance is no more. */
const GONE: readonly string[] = ['SERVICE_CLOSED', 'CLOSED'];

function closed(message: string): SynapseError {
  return new SynapseError('SERVICE_CLOSED', message);
}

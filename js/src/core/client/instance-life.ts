/** A service instance as its two halves know each other: the face that users hold, and its life in Python. */
import type { DecodeContext } from '../schema/index.js';
import type { CallOptions } from './client.js';
import type { MethodSpec } from './method.js';
import type { Home } from './module-runtime.js';
import type { SynapseStream } from './stream.js';

/** The life of one instance in Python, as its face sees it. */
export interface InstanceLife {
  call(
    face: object,
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
  ): Promise<unknown>;
  stream(
    face: object,
    method: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
  ): SynapseStream<unknown>;
  dispose(): Promise<void>;
}

/** The instance that a call is made on. */
export interface Target {
  /** Its number in its worker. */
  readonly id: number;
  /** The worker where it lives. */
  readonly home: Home | undefined;
  /** What its caller is told when that worker has gone. */
  readonly lost: (cause?: unknown) => unknown;
  /** Stays reachable as long as the call does: collected, it would close the instance under it. */
  readonly face: object | undefined;
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

/** A class of faces. */
export type FaceClass = new (life: InstanceLife) => object;

/** The instances of one client. Those of a module without services are none: see {@link NO_INSTANCES}. */
export interface Instances {
  /** What reading the values of `home` needs: it gives each instance that came its face. */
  context(method: string, home: Home | undefined): DecodeContext;
  /** Gives back the instances of an answer that nobody will get. */
  drop(method: MethodSpec, value: unknown, home: Home | undefined): void;
  /** Disposes of all that are left. */
  disposeAll(): void;
}

export const NO_INSTANCES: Instances = {
  context: (method) => ({ method }),
  drop: () => undefined,
  disposeAll: () => undefined,
};

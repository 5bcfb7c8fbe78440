/**
 * The service instances of one client that are alive: one for each number of each worker, however
 * often Python returns it, and one face for it as long as somebody has that.
 */
import { type DecodeContext, holdsInstances } from '../schema/index.js';
import type { FaceClass, InstanceCaller, Instances } from './instance-life.js';
import type { MethodSpec } from './method.js';
import type { Home } from './module-runtime.js';
import { RemoteInstance } from './remote-instance.js';

/** The home of instances whose runtime has but one, as a mock has. */
const ONLY_HOME: Home = {};

export class InstanceTable implements Instances {
  readonly #caller: InstanceCaller;
  readonly #nameOf: (type: FaceClass) => string;
  readonly #homes = new Map<Home, Map<number, RemoteInstance>>();
  /** Nobody holds the face of these any more; nobody will close them either. */
  readonly #forgotten = new FinalizationRegistry<RemoteInstance>((instance) => instance.release());

  /** @param nameOf Python's name of a service */
  constructor(caller: InstanceCaller, nameOf: (type: FaceClass) => string) {
    this.#caller = caller;
    this.#nameOf = nameOf;
  }

  context(method: string, home: Home | undefined): DecodeContext {
    return { method, service: (type, id) => this.#face(type as FaceClass, id, home) };
  }

  drop({ name, result }: MethodSpec, value: unknown, home: Home | undefined): void {
    if (result === undefined || !holdsInstances(result)) return;
    const dropped: RemoteInstance[] = [];
    const service = (type: unknown, id: number): void => {
      dropped.push(this.#received(type as FaceClass, id, home));
    };
    try {
      result.decode(value, '$', { method: name, service });
    } catch {
      // What cannot be read to its end is dropped as far as it can be.
    }
    for (const instance of dropped) instance.release();
  }

  disposeAll(): void {
    for (const instances of [...this.#homes.values()]) {
      for (const instance of [...instances.values()]) {
        // An instance that fails to close must not keep the others, and the client, from closing.
        instance.dispose().catch(() => undefined);
      }
    }
  }

  #face(type: FaceClass, id: number, home: Home | undefined): object {
    const instance = this.#received(type, id, home);
    return instance.faceOf(type, (face) => this.#forgotten.register(face, instance));
  }

  #received(type: FaceClass, id: number, home: Home = ONLY_HOME): RemoteInstance {
    let instances = this.#homes.get(home);
    if (instances === undefined) {
      instances = new Map();
      this.#homes.set(home, instances);
      home.inhabited = true;
    }
    let instance = instances.get(id);
    if (instance === undefined) {
      instance = this.#adopt(type, id, home, instances);
      instances.set(id, instance);
    }
    instance.received();
    return instance;
  }

  #adopt(
    type: FaceClass,
    id: number,
    home: Home,
    instances: Map<number, RemoteInstance>,
  ): RemoteInstance {
    const itsHome = home === ONLY_HOME ? undefined : home;
    const instance = new RemoteInstance(this.#caller, this.#nameOf(type), id, itsHome, () => {
      if (instances.get(id) === instance) instances.delete(id);
      if (instances.size > 0 || this.#homes.get(home) !== instances) return;
      this.#homes.delete(home);
      home.inhabited = false;
    });
    return instance;
  }
}

/** The life of a service instance in Python, from the answer that brought its id to its end. */
import { SynapseError } from '../protocol/errors.js';
import type { CallOptions } from './client.js';
import { plainMethod } from './define-method.js';
import type { FaceClass, InstanceCaller, InstanceLife, Target } from './instance-life.js';
import type { MethodSpec } from './method.js';
import type { Home } from './module-runtime.js';
import type { SynapseStream } from './stream.js';

export class RemoteInstance implements InstanceLife {
  readonly #id: number;
  readonly #home: Home | undefined;
  readonly #caller: InstanceCaller;
  readonly #service: string;
  readonly #onGone: () => void;
  #face: WeakRef<object> | undefined;
  /** How often its number came: the worker may have sent it again when we give it back. */
  #received = 0;
  readonly #running = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  /** @param onGone told when its number stands for it no longer */
  constructor(
    caller: InstanceCaller,
    service: string,
    id: number,
    home: Home | undefined,
    onGone: () => void,
  ) {
    this.#caller = caller;
    this.#service = service;
    this.#id = id;
    this.#home = home;
    this.#onGone = onGone;
  }

  /** Its number came once more. */
  received(): void {
    this.#received += 1;
  }

  /** The object that users have of it: one, as long as somebody has it. */
  faceOf(type: FaceClass, onNew: (face: object) => void): object {
    const known = this.#face?.deref();
    if (known !== undefined) return known;
    const face = new type(this);
    this.#face = new WeakRef(face);
    onNew(face);
    return face;
  }

  call(
    face: object,
    spec: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    if (this.#disposal !== undefined) return Promise.reject(this.#closed());
    const answer = this.#caller.call(spec, positionals, keywords, options, this.#target(face));
    // A function may be what disposes of the instance: a method that waits for it is not waited for.
    if (!holdsFunction(positionals) && !holdsFunction(keywords)) this.#track(answer);
    return answer;
  }

  stream(
    face: object,
    spec: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    options: CallOptions | undefined,
  ): SynapseStream<unknown> {
    if (this.#disposal !== undefined) throw this.#closed();
    return this.#caller.stream(spec, positionals, keywords, options, this.#target(face));
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#finish();
    return this.#disposal;
  }

  /** Gives it back, where nobody has its face any more; nobody will dispose of it either. */
  release(): void {
    if (this.#disposal !== undefined || this.#face?.deref() !== undefined) return;
    // From now on its number is news: the worker may have sent it again meanwhile, and keeps it then.
    this.#onGone();
    this.#disposal = this.#dispose([this.#received]);
    // Who could be told that it failed? The worker forgets it with its own end at the latest.
    this.#disposal.catch(() => undefined);
  }

  async #finish(): Promise<void> {
    try {
      if (this.#running.size > 0) await Promise.allSettled(this.#running);
      await this.#dispose([]);
    } finally {
      this.#onGone();
    }
  }

  async #dispose(args: readonly unknown[]): Promise<void> {
    const dispose = plainMethod({ name: `${this.#service}.$dispose`, parameters: ['received?'] });
    try {
      await this.#caller.call(dispose, args, undefined, undefined, this.#target(undefined));
    } catch (error) {
      // Gone already, with its worker or with its client: that is what was asked for.
      if (SynapseError.is(error) && GONE.includes(error.code)) return;
      throw error;
    }
  }

  #target(face: object | undefined): Target {
    return { id: this.#id, home: this.#home, lost: this.#lost, face };
  }

  #track(answer: Promise<unknown>): void {
    this.#running.add(answer);
    const ended = (): boolean => this.#running.delete(answer);
    answer.then(ended, ended);
  }

  readonly #lost = (cause?: unknown): SynapseError =>
    closed(
      `The worker that held this ${this.#service} was replaced, because it ended or its code was ` +
        'reloaded, and the instance is gone with it: make a new one.',
      cause,
    );

  #closed(): SynapseError {
    return closed(`This ${this.#service} has been closed.`);
  }
}

/** How a call fails whose instance is no more. */
const GONE: readonly string[] = ['SERVICE_CLOSED', 'CLOSED'];

function closed(message: string, cause?: unknown): SynapseError {
  return new SynapseError('SERVICE_CLOSED', message, { cause });
}

/** Whether there is a function among arguments, or in an object that is one of them. */
function holdsFunction(values: object | undefined, isNested = false): boolean {
  if (values === undefined) return false;
  return Object.values(values).some(
    (value) =>
      typeof value === 'function' ||
      (!isNested &&
        typeof value === 'object' &&
        value !== null &&
        !ArrayBuffer.isView(value) &&
        holdsFunction(value, true)),
  );
}

/**
 * How many calls may be under way at a time: of the whole module, and of single methods. A call holds
 * its place from when a worker is given it until the worker has ended it, or has ended itself.
 *
 * Calls that callbacks make are counted and never held up: what waits for them holds a place.
 */
import type { MethodTraits } from '../connection/connection.js';
import type { MethodPolicy } from '../pool-policy.js';

export class CallLimit {
  max: number;
  inFlight = 0;
  /** The limit that what counts here counts for besides. */
  readonly #wider: CallLimit | undefined;
  readonly #onRoom: () => void;

  constructor(max: number, wider: CallLimit | undefined, onRoom: () => void) {
    this.max = max;
    this.#wider = wider;
    this.#onRoom = onRoom;
  }

  /** How many more there may be. */
  get free(): number {
    const free = Math.max(0, this.max - this.inFlight);
    return this.#wider === undefined ? free : Math.min(free, this.#wider.free);
  }

  take(): void {
    this.inFlight += 1;
    this.#wider?.take();
  }

  release(): void {
    const wasFull = this.inFlight >= this.max;
    this.inFlight -= 1;
    this.#wider?.release();
    if (wasFull) this.#onRoom();
  }
}

export interface CallLimitsOptions {
  /** Of all calls. */
  readonly concurrency: number;
  readonly methods: ReadonlyMap<string, MethodPolicy>;
  /** Told, soon, when calls that were held up may go on. */
  readonly onRoom: () => void;
}

export class CallLimits {
  /** Whether there are any. */
  areSet = false;
  readonly #options: CallLimitsOptions;
  readonly #total: CallLimit | undefined;
  readonly #methods = new Map<string, CallLimit>();
  #hasRoom = false;

  constructor(options: CallLimitsOptions) {
    const { concurrency, methods } = options;
    this.#options = options;
    if (concurrency !== Number.POSITIVE_INFINITY) {
      this.#total = new CallLimit(concurrency, undefined, this.#madeRoom);
      this.areSet = true;
    }
    for (const [name, method] of methods) this.#limit(name, method.concurrency);
  }

  /** Learns what a worker declares of its methods; what the client was told comes first. */
  learn(methods: ReadonlyMap<string, MethodTraits> | undefined): void {
    if (methods === undefined) return;
    for (const [name, { concurrency }] of methods) {
      if (this.#options.methods.get(name)?.concurrency !== undefined) continue;
      if (concurrency !== undefined) this.#limit(name, concurrency);
      // Other code than before may declare none any more.
      else if (this.#methods.has(name)) this.#limit(name, Number.POSITIVE_INFINITY);
    }
  }

  /** What limits calls of this method. */
  of(method: string): CallLimit | undefined {
    return this.#methods.get(method) ?? this.#total;
  }

  /** The limit that such calls alone have. */
  ownOf(method: string): CallLimit | undefined {
    return this.#methods.get(method);
  }

  /** How many more calls there may be at all. */
  get free(): number {
    return this.#total?.free ?? Number.POSITIVE_INFINITY;
  }

  #limit(name: string, max: number | undefined): void {
    if (max === undefined) return;
    const limit = this.#methods.get(name);
    if (limit !== undefined) limit.max = max;
    else this.#methods.set(name, new CallLimit(max, this.#total, this.#madeRoom));
    this.areSet = true;
  }

  readonly #madeRoom = (): void => {
    if (this.#hasRoom) return;
    this.#hasRoom = true;
    // The call that made it is still on its way out of its worker.
    queueMicrotask(() => {
      this.#hasRoom = false;
      this.#options.onRoom();
    });
  };
}

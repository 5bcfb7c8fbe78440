/** Follows what there is to do: more workers while calls wait, fewer when some are idle. */
import type { Connection } from '../connection/connection.js';
import type { Time, Timer } from '../time.js';
import type { Worker } from '../worker/worker.js';
import { IdleWatch } from './idle-watch.js';
import type { SizePolicy } from './pool-policy.js';
import { Scaling } from './scaling.js';
import type { Workforce } from './workforce.js';

/** How long calls wait before there are more workers than the least: most waits are over before. */
const PATIENCE_MS = 20;
/** The same where a worker is forked, and there after a few milliseconds. */
const FORK_PATIENCE_MS = 3;

export interface ElasticityOptions<C extends Connection> {
  readonly size: SizePolicy;
  readonly workforce: Workforce<C>;
  /** How many calls wait for room, and for nothing else. */
  readonly waitingForRoom: () => number;
  /** Whether one more would be forked, not spawned. */
  readonly canFork: () => boolean;
  /** There should be more workers. */
  readonly onGrown: () => void;
  /** This one is not needed. */
  readonly onSpare: (worker: Worker<C>) => void;
  readonly time: Time;
}

export class Elasticity<C extends Connection> {
  readonly #options: ElasticityOptions<C>;
  readonly #scaling: Scaling;
  readonly #idle: IdleWatch<Worker<C>>;
  #patience: Timer | undefined;

  constructor(options: ElasticityOptions<C>) {
    const { size, workforce } = options;
    this.#options = options;
    this.#scaling = new Scaling(size);
    this.#idle = new IdleWatch({
      idleTimeoutMs: size.idleTimeoutMs,
      // The newest go first.
      candidates: () => (this.#hasSpare ? workforce.live.reverse() : []),
      onIdle: (worker) => {
        if (this.#hasSpare) options.onSpare(worker);
      },
      time: options.time,
    });
  }

  /** How many workers there should be now. */
  get target(): number {
    return this.#scaling.target;
  }

  /** Whether there may be more than there should be now. */
  get mayGrow(): boolean {
    return !this.#scaling.isAtMost;
  }

  /** Calls wait and no worker has room: soon, or at once where there is none, there should be more. */
  callsWait(): void {
    if (this.#scaling.isAtMost || this.#patience !== undefined) return;
    const { workforce, canFork, time } = this.#options;
    if (workforce.liveCount === 0) {
      this.#grow();
      return;
    }
    const patienceMs = canFork() ? FORK_PATIENCE_MS : PATIENCE_MS;
    this.#patience = time.after(patienceMs, () => this.#impatient());
  }

  /** A worker has gone: those above the least are not replaced for their own sake. */
  shrink(): void {
    this.#scaling.shrink(this.#options.workforce.liveCount);
  }

  /** A worker has become ready. */
  started(): void {
    if (this.#hasSpare) this.#idle.start();
  }

  stop(): void {
    this.#patience?.cancel();
    this.#idle.stop();
  }

  get #hasSpare(): boolean {
    return !this.#scaling.isAtLeast(this.#options.workforce.liveCount);
  }

  #impatient(): void {
    this.#patience = undefined;
    if (this.#options.waitingForRoom() > 0) this.#grow();
  }

  #grow(): void {
    const { workforce, waitingForRoom, onGrown } = this.#options;
    this.#scaling.grow(waitingForRoom(), workforce.liveCount, workforce.startingCount);
    onGrown();
  }
}

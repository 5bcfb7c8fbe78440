/** Follows what there is to do: more workers while calls wait, fewer when some are idle. */
import type { Connection } from '../connection/connection.js';
import type { SizePolicy } from '../pool-policy.js';
import type { Time, Timer } from '../time.js';
import type { Worker } from '../worker/worker.js';
import { IdleWatch } from './idle-watch.js';
import { Scaling } from './scaling.js';
import type { Workforce } from './workforce.js';

/** How long calls wait before there are more workers than the least: most waits are over before. */
const PATIENCE_MS = 20;
/**
 * How long a call waits behind long ones before there is one more, where it is forked and there after a few
 * milliseconds. A burst of short calls is over before many such would be of use.
 */
const FORK_PATIENCE_MS = 2;

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
    const { answers } = workforce;
    this.#patience = canFork()
      ? time.after(FORK_PATIENCE_MS, () => this.#watchful(answers))
      : time.after(PATIENCE_MS, () => this.#impatient());
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

  /** @param answered how many answers there had been when the wait began: where it is the same, calls are long */
  #watchful(answered: number): void {
    const { workforce, waitingForRoom, time } = this.#options;
    this.#patience = undefined;
    if (waitingForRoom() === 0) return;
    this.#patience = time.after(PATIENCE_MS - FORK_PATIENCE_MS, () => this.#impatient());
    if (workforce.answers === answered) this.#grow(1);
  }

  #impatient(): void {
    this.#patience = undefined;
    if (this.#options.waitingForRoom() > 0) this.#grow();
  }

  /** @param most how many of the calls that wait count */
  #grow(most = Number.POSITIVE_INFINITY): void {
    const { workforce, waitingForRoom, onGrown } = this.#options;
    const waiting = Math.min(most, waitingForRoom());
    this.#scaling.grow(waiting, workforce.liveCount, workforce.startingCount);
    onGrown();
  }
}

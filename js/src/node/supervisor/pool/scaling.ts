/** How many workers a pool should have at the moment: within its bounds, by what there is to do. */
import type { SizePolicy } from '../pool-policy.js';

export class Scaling {
  readonly #size: SizePolicy;
  #target: number;

  constructor(size: SizePolicy) {
    this.#size = size;
    this.#target = size.min;
  }

  get target(): number {
    return this.#target;
  }

  /** Whether there are as many as there may be, or will be. */
  get isAtMost(): boolean {
    return this.#target >= this.#size.max;
  }

  /** Whether there are no more than there must be. */
  isAtLeast(live: number): boolean {
    return live <= this.#size.min;
  }

  /** Calls wait and no worker has room: each is worth a worker, but for those that are starting. */
  grow(waiting: number, live: number, starting: number): void {
    const wanted = live + Math.max(0, waiting - starting);
    this.#target = Math.max(this.#target, Math.min(this.#size.max, wanted));
  }

  /** There is less to do, or a worker has gone: those above the least come back when calls wait. */
  shrink(live: number): void {
    this.#target = Math.max(this.#size.min, Math.min(this.#target, live));
  }
}

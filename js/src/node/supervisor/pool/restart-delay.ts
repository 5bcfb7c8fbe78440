/** How long to wait before a worker is replaced: longer the more often one just died, with jitter. */

const FIRST_MS = 50;
const LONGEST_MS = 10_000;

export class RestartDelay {
  readonly #random: () => number;
  #failures = 0;
  #round = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How often in a row workers ended without having been of any use; those of one round count once. */
  get failures(): number {
    return this.#failures;
  }

  /** What workers that are started now have in common: none of them has been lost yet. */
  get round(): number {
    return this.#round;
  }

  /**
   * A worker ended unasked; one that had served calls, or died of one, starts the count anew.
   *
   * @param round when it was started: those that were there when another failed share its cause
   */
  recordEnd(wasUseful: boolean, round: number): void {
    if (wasUseful) this.#failures = 0;
    else if (round === this.#round) {
      this.#failures += 1;
      this.#round += 1;
    }
  }

  /** The workers to come are others than those that were counted. */
  forget(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait now: none the first time, then 50 ms doubling, each ± half. */
  get ms(): number {
    if (this.#failures === 0) return 0;
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#failures - 1));
    return full * (0.5 + this.#random());
  }
}

/** How long to wait before a worker is replaced: longer the more often it just died, with jitter. */

const FIRST_MS = 50;
const LONGEST_MS = 10_000;

export class RestartDelay {
  #failures = 0;

  /** Workers that ended in a row without having been of any use. */
  get failures(): number {
    return this.#failures;
  }

  /** A worker ended unasked; one that had served calls, or died of one, starts the count anew. */
  recordEnd(wasUseful: boolean): void {
    this.#failures = wasUseful ? 0 : this.#failures + 1;
  }

  /** The workers to come are others than those that were counted. */
  forget(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait now: none the first time, then 50 ms doubling, each ± half. */
  get ms(): number {
    if (this.#failures === 0) return 0;
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#failures - 1));
    return full * (0.5 + Math.random());
  }
}

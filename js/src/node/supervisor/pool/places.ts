/** The places of a pool's workers: which are vacant since one has gone, and which nobody has to fill. */
export class Places<W extends object> {
  /** Those that nobody has to replace. */
  readonly #spare = new WeakSet<W>();
  /** Those whose place is vacant, or was. */
  readonly #gone = new WeakSet<W>();
  #vacancies = 0;

  /** Whether nobody has to replace this worker. */
  isSpare(worker: W): boolean {
    return this.#spare.has(worker);
  }

  /** Another has the place of this worker, or will not be needed there. */
  spare(worker: W): void {
    this.#spare.add(worker);
  }

  /** This worker has a place after all. */
  keep(worker: W): void {
    this.#spare.delete(worker);
  }

  /** A worker leaves its place, once. */
  vacate(worker: W): void {
    if (this.#gone.has(worker) || this.#spare.has(worker)) return;
    this.#gone.add(worker);
    this.#vacancies += 1;
  }

  /** A new worker takes a place; true where that was another's before. */
  take(): boolean {
    if (this.#vacancies === 0) return false;
    this.#vacancies -= 1;
    return true;
  }
}

/**
 * Keeps the host's event loop alive while something is pending, and only then.
 *
 * Every OS handle of a worker is unref'ed, so a script that forgot to close its client still
 * exits; this one timer stands for all of them while someone waits for an answer.
 */

/** The longest a timer can be set; it only has to exist. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Keepalive {
  #holders = 0;
  readonly #timer = setInterval(() => undefined, LONGEST_TIMER_MS).unref();

  hold(): void {
    this.#holders += 1;
    if (this.#holders === 1) this.#timer.ref();
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#timer.unref();
  }

  /** Holds until `work` has settled. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.hold();
    try {
      return await work;
    } finally {
      this.release();
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}

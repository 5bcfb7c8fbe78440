/** How many calls have no answer yet, and when there are none any more. */
import { systemTime, type Time, type Timer } from '../time.js';

export interface Patience {
  /** How long to wait at most. */
  readonly limitMs: number;
  /** How many of the calls cannot end before who waits here has gone on. */
  readonly held: () => number;
  /** How long to wait for those, when there are no others. */
  readonly graceMs: number;
}

export class PendingCalls {
  readonly #time: Pick<Time, 'after'>;
  #count = 0;
  #onFewer: (() => void) | undefined;

  constructor(time: Pick<Time, 'after'> = systemTime) {
    this.#time = time;
  }

  add(): void {
    this.#count += 1;
  }

  delete(): void {
    this.#count -= 1;
    this.#onFewer?.();
  }

  /** Resolves when there are none, or none that are worth waiting for. */
  async none({ limitMs, held, graceMs }: Patience): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const limit = this.#time.after(limitMs, resolve);
      let grace: Timer | undefined;
      this.#onFewer = () => {
        if (this.#count === 0) {
          limit?.cancel();
          grace?.cancel();
          resolve();
        } else if (grace === undefined && this.#count <= held()) {
          grace = this.#time.after(graceMs, () => {
            grace = undefined;
            if (this.#count > held()) return;
            limit?.cancel();
            resolve();
          });
        }
      };
      this.#onFewer();
    });
  }
}

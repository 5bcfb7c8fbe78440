/** How many calls have no answer yet, and when there are none any more. */
import { startTimer } from '../timer.js';

export interface Patience {
  /** How long to wait at most. */
  readonly limitMs: number;
  /** How many of the calls cannot end before who waits here has gone on. */
  readonly held: () => number;
  /** How long to wait for those, when there are no others. */
  readonly graceMs: number;
}

export class PendingCalls {
  #count = 0;
  #onFewer: (() => void) | undefined;

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
      const limit = startTimer(limitMs, resolve);
      let grace: NodeJS.Timeout | undefined;
      this.#onFewer = () => {
        if (this.#count === 0) {
          clearTimeout(limit);
          clearTimeout(grace);
          resolve();
        } else if (grace === undefined && this.#count <= held()) {
          grace = startTimer(graceMs, () => {
            grace = undefined;
            if (this.#count > held()) return;
            clearTimeout(limit);
            resolve();
          });
        }
      };
      this.#onFewer();
    });
  }
}

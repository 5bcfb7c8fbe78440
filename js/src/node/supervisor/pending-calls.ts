/** How many calls have no answer yet, and when there are none any more. */
import { startTimer } from './timer.js';

export class PendingCalls {
  #count = 0;
  #onNone: (() => void) | undefined;

  add(): void {
    this.#count += 1;
  }

  delete(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onNone?.();
  }

  /** Resolves when there are none, or after `limitMs`. */
  async none(limitMs: number): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = startTimer(limitMs, resolve);
      this.#onNone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

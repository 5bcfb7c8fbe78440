/** Time that passes when a test says so. */
import type { Time, Timer } from '../../../src/node/supervisor/time.js';

export class FakeTime implements Time {
  #now = 1_000_000;
  readonly #timers = new Set<{ at: number; action: () => void }>();

  readonly now = (): number => this.#now;

  readonly after = (ms: number, action: () => void): Timer | undefined => {
    if (ms === Number.POSITIVE_INFINITY) return undefined;
    const timer = { at: this.#now + ms, action };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  };

  /** How many timers run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass; timers fire at their moment, in order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = end;
  }
}

/** Finds out that one who has been asked says nothing at all any more: it is stopped, or wedged. */

/**
 * Counted in ticks, not by the clock: while this process itself stands still, one is missed or
 * comes late, and what has been said meanwhile is read before the next.
 */
const TICK_MS = 250;
const SILENT_TICKS = 20;
export const SILENCE_LIMIT_MS = TICK_MS * SILENT_TICKS;

export class SilenceWatch {
  readonly #isAsked: () => boolean;
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  /**
   * @param isAsked whether there is anything it should answer
   * @param onSilence told once for each silence of `SILENCE_LIMIT_MS`
   */
  constructor(isAsked: () => boolean, onSilence: () => void) {
    this.#isAsked = isAsked;
    this.#onSilence = onSilence;
  }

  /** Something has been asked. */
  asked(): void {
    if (this.#timer !== undefined) return;
    this.#ticks = 0;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** It has said something, whatever that was. */
  heard(): void {
    this.#ticks = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (!this.#isAsked()) {
      this.stop();
      return;
    }
    this.#ticks += 1;
    if (this.#ticks < SILENT_TICKS) return;
    this.stop();
    this.#onSilence();
  }
}

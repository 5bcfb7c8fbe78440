/**
 * Signals a process so that it cannot miss it. A signal that comes in the moment before Python waits in
 * a system call is not noticed before that call ends; one that comes while it waits ends the wait. So
 * the signal is sent again, soon and a few times; to a process that has noticed it means nothing.
 */
const REPEAT_AFTER_MS = 10;
const REPEATS = 3;

export class Nudge {
  readonly #send: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** Signals now, and again in a moment. */
  start(): void {
    this.#send();
    this.#repeat(REPEATS);
  }

  /** The process has ended. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #repeat(left: number): void {
    clearTimeout(this.#timer);
    if (left === 0) return;
    this.#timer = setTimeout(() => {
      this.#send();
      this.#repeat(left - 1);
    }, REPEAT_AFTER_MS).unref();
  }
}

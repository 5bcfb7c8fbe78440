/**
 * Signals a process so that it cannot miss it. A signal that comes in the moment before Python waits in
 * a system call is not noticed before that call ends; one that comes while it waits ends the wait. So
 * the signal is sent again, soon and then ever more rarely, as the moment lasts for as long as a busy
 * machine lets the process wait for its turn. To a process that has noticed, it means nothing.
 */
const REPEAT_AFTER_MS = [10, 10, 10, 20, 40, 80, 160, 320];

export class Nudge {
  readonly #send: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** Signals now, and again in a moment. */
  start(): void {
    this.#send();
    this.#repeat(0);
  }

  /** The process has ended. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #repeat(turn: number): void {
    clearTimeout(this.#timer);
    if (turn === REPEAT_AFTER_MS.length) return;
    this.#timer = setTimeout(() => {
      this.#send();
      this.#repeat(turn + 1);
    }, REPEAT_AFTER_MS[turn]).unref();
  }
}

/**
 * Tells a worker that is busy from one that is wedged: when a busy one has brought no news for long,
 * it is asked for a sign of life, which Python gives between two byte codes of whatever it is at. Code
 * in C that holds the interpreter, or a stopped process, gives none.
 */
import { systemTime, type Time, type Timer } from '../time.js';

/** How long an answer may take, in two halves: an event loop that was late itself reads it in between. */
const PATIENCE_MS = 1000;

/** A worker, as far as it is watched. */
export interface Watched {
  /** When its oldest call began, on the clock of `time`; undefined when it has none. */
  readonly busySince: number | undefined;
  /** How many answers it has given. */
  readonly answers: number;
  /** Asks it for a sign of life. */
  probe(): void;
  /** It gives none; there has been no news of it for so long. */
  onUnresponsive(sinceMs: number): void;
  /** It is back. */
  onResponsive(): void;
}

export class Watchdog {
  readonly #watched: Watched;
  readonly #afterMs: number;
  readonly #time: Time;
  #timer: Timer | undefined;
  /** When there was news last, and how many answers there were then. */
  #newsAt: number;
  #answers: number;
  /** Since when it has been busy without news. */
  #quietSince = 0;
  #isUnresponsive = false;

  constructor(watched: Watched, afterMs: number, time = systemTime) {
    this.#watched = watched;
    this.#afterMs = afterMs;
    this.#time = time;
    this.#newsAt = time.now();
    this.#answers = watched.answers;
    this.#wait(afterMs);
  }

  get isUnresponsive(): boolean {
    return this.#isUnresponsive;
  }

  /** It has given a sign of life. */
  heard(): void {
    this.#newsAt = this.#time.now();
    this.#answers = this.#watched.answers;
    const wasUnresponsive = this.#isUnresponsive;
    this.#isUnresponsive = false;
    this.#wait(this.#afterMs);
    if (wasUnresponsive) this.#watched.onResponsive();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(ms: number, then = this.#look): void {
    this.#timer?.cancel();
    this.#timer = this.#time.after(ms, then);
  }

  readonly #look = (): void => {
    const { answers, busySince } = this.#watched;
    const now = this.#time.now();
    if (answers !== this.#answers || busySince === undefined) {
      this.#newsAt = now;
      this.#answers = answers;
    }
    this.#quietSince = Math.max(this.#newsAt, busySince ?? now);
    const quietMs = now - this.#quietSince;
    if (quietMs < this.#afterMs) {
      this.#wait(this.#afterMs - quietMs);
      return;
    }
    this.#watched.probe();
    this.#wait(PATIENCE_MS / 2, this.#waitOn);
  };

  readonly #waitOn = (): void => this.#wait(PATIENCE_MS / 2, this.#giveUp);

  readonly #giveUp = (): void => {
    if (this.#watched.answers !== this.#answers) {
      this.heard();
      return;
    }
    // It answers, if late, whenever it comes to itself: there is nothing more to ask until then.
    this.#isUnresponsive = true;
    this.#watched.onUnresponsive(this.#time.now() - this.#quietSince);
  };
}

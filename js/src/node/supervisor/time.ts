/** Where the supervisor's policies get the time from, so that tests can make it pass as they like. */
import { startTimer } from './timer.js';

export interface Time {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /**
   * Runs `action` after `ms`, never when that is `Infinity`. It does not keep the host alive.
   *
   * @returns what takes it back
   */
  after(ms: number, action: () => void): Timer | undefined;
}

export interface Timer {
  cancel(): void;
}

export const systemTime: Time = {
  now: () => performance.now(),
  after(ms, action) {
    const timeout = startTimer(ms, action)?.unref();
    return timeout && { cancel: () => clearTimeout(timeout) };
  },
};

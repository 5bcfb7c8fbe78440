/**
 * Notices a frame that has stopped on its way: whoever wrote it was interrupted and lives on, or drips.
 * Nothing can come behind it, so all that waits for that worker would wait for ever.
 */
import { FrameError } from '../../../core/protocol/errors.js';
import { systemTime, type Time, type Timer } from '../time.js';

/** How often is looked, while frames arrive in parts. */
const INTERVAL_MS = 10_000;
/** A frame of which less has come in that time, and which is not whole, has stopped. */
const LEAST_BYTES = 16 * 1024;
/** An event loop that was late itself reads meanwhile what there is. */
const PATIENCE_MS = 500;

/** What arrives on a connection. */
export interface Incoming {
  /** All bytes so far. */
  readonly receivedBytes: number;
  /** How many of the last of them are of a frame that is not whole. */
  readonly unfinishedBytes: number;
}

export class FrameWatch {
  readonly #incoming: Incoming;
  readonly #onStalled: (error: FrameError) => void;
  readonly #time: Time;
  #timer: Timer | undefined;
  /** How much had come when the interval began. */
  #seenBytes = 0;

  constructor(incoming: Incoming, onStalled: (error: FrameError) => void, time = systemTime) {
    this.#incoming = incoming;
    this.#onStalled = onStalled;
    this.#time = time;
  }

  /** A part of a frame has come. Costs nothing while one is watched. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#seenBytes = this.#incoming.receivedBytes;
    this.#timer = this.#time.after(INTERVAL_MS, this.#look);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    if (this.#goesOn()) return;
    this.#timer = this.#time.after(PATIENCE_MS, this.#lookAgain);
  };

  readonly #lookAgain = (): void => {
    if (!this.#goesOn()) this.#onStalled(this.#error());
  };

  /** Whether nothing has stopped; looks on where something is under way. */
  #goesOn(): boolean {
    const { receivedBytes, unfinishedBytes } = this.#incoming;
    const came = receivedBytes - this.#seenBytes;
    // A frame of which all came within the interval has had less time than that.
    if (unfinishedBytes > came && came < LEAST_BYTES) return false;
    this.#timer = undefined;
    if (unfinishedBytes > 0) this.begin();
    return true;
  }

  #error(): FrameError {
    const { unfinishedBytes } = this.#incoming;
    return new FrameError(
      'FRAME_STALLED',
      `A frame stopped on its way: ${unfinishedBytes} bytes of it had arrived, and hardly more in ` +
        `${INTERVAL_MS / 1000} s. The other end was interrupted while it wrote, or something else wrote into its channel.`,
      { details: { received: unfinishedBytes } },
    );
  }
}

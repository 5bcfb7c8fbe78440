/**
 * Calls whose arguments are encoded in slices before they wait for a worker: one call at a time, a slice in each turn of
 * the event loop, so that no turn is long however many there are. Those that are encoded and not sent take memory, so
 * there are only so many bytes of them; calls that somebody's callback waits for go first and whatever there is.
 */
import { SLICE_BYTES } from '../../../core/protocol/sliced-arguments.js';
import type { Preparation } from '../call/preparation.js';
import type { Task } from '../call/task.js';
import { TaskList } from '../call/task-list.js';
import type { Connection } from '../connection/connection.js';

/** Bytes that may be encoded ahead of what workers have room for. */
const MOST_BYTES_AHEAD = 64 * 1024 * 1024;
/** What a small call counts for in a turn, for all else that there is to be done for it. */
const LEAST_BYTES = 1024;

export interface EncodingOptions<C extends Connection> {
  /** Whether it would go to a worker at once. */
  readonly hasRoom: (task: Task<C>) => boolean;
  /** It is encoded and can go on. */
  readonly onEncoded: (task: Task<C>) => void;
  /** Runs something in a later turn. Default: `setImmediate`. */
  readonly later?: ((work: () => void) => void) | undefined;
}

export class EncodingLine<C extends Connection> {
  readonly #options: EncodingOptions<C>;
  readonly #later: (work: () => void) => void;
  /** Those that are not encoded; the first is worked on. */
  readonly #waiting = new TaskList<Task<C>>();
  /** Those that are, as far as no worker was known to have them when it was looked last. */
  #ahead: Task<C>[] = [];
  #isDue = false;

  constructor(options: EncodingOptions<C>) {
    this.#options = options;
    this.#later = options.later ?? setImmediate;
  }

  /** How many are not encoded. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether there is anything to look at. */
  get isUsed(): boolean {
    return this.#waiting.size > 0 || this.#ahead.length > 0;
  }

  add(task: Task<C>): void {
    if (task.within === undefined) this.#waiting.push(task);
    else this.#waiting.unshift(task);
    this.look();
  }

  /** Goes on where it may: something was sent or given up, or there is room. */
  look(): void {
    this.#ahead = this.#ahead.filter(isAhead);
    if (this.#isDue || this.#next() === null) return;
    this.#isDue = true;
    this.#later(this.#turn);
  }

  takeAll(): Task<C>[] {
    this.#ahead = [];
    return this.#waiting.takeAll();
  }

  readonly #turn = (): void => {
    this.#isDue = false;
    let left = SLICE_BYTES;
    for (let task = this.#next(); task !== null && left > 0; task = this.#next()) {
      left -= Math.max(LEAST_BYTES, this.#encode(task, left));
    }
    this.look();
  };

  /** The one to work on now. */
  #next(): Task<C> | null {
    const { first } = this.#waiting;
    if (first === null) return null;
    const goesOn = first.within !== undefined || first.preparation?.isBegun === true;
    return goesOn || this.#mayBegin(first) ? first : null;
  }

  #mayBegin(task: Task<C>): boolean {
    let bytes = 0;
    for (const { preparation } of this.#ahead) bytes += preparation?.bytes ?? 0;
    return bytes < MOST_BYTES_AHEAD || this.#options.hasRoom(task);
  }

  /** Encodes a slice and returns how many bytes it had. */
  #encode(task: Task<C>, bytes: number): number {
    const preparation = task.preparation as Preparation;
    let written: number;
    try {
      written = preparation.step(bytes);
    } catch (error) {
      task.fail(error);
      return 0;
    }
    // Its own getters may have given it up.
    if (task.settled || !preparation.isDone) return written;
    this.#waiting.delete(task);
    this.#ahead.push(task);
    this.#options.onEncoded(task);
    return written;
  }
}

function isAhead<C extends Connection>({ owner, settled }: Task<C>): boolean {
  return owner === undefined && !settled;
}

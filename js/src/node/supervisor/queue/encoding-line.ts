/**
 * Calls whose arguments are encoded in slices before they wait for a worker: slice by slice, for a few milliseconds in
 * each turn of the event loop, so that no turn is long however many there are. Those that somebody's callback waits for
 * go first, then the highest priority, and of one priority the first.
 */
import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import { systemTime, type Time } from '../time.js';
import { PriorityLine } from './priority-line.js';

/** How long a turn goes on with another slice. */
const TURN_MS = 4;

export interface EncodingOptions<C extends Connection> {
  /** It is encoded and can go on. */
  readonly onEncoded: (task: Task<C>) => void;
  /** Runs something in a later turn. Default: `setImmediate`. */
  readonly later?: ((work: () => void) => void) | undefined;
  readonly time?: Pick<Time, 'now'> | undefined;
}

export class EncodingLine<C extends Connection> {
  readonly #onEncoded: (task: Task<C>) => void;
  readonly #later: (work: () => void) => void;
  readonly #time: Pick<Time, 'now'>;
  readonly #nested = new PriorityLine<C>();
  readonly #others = new PriorityLine<C>();
  #isDue = false;

  constructor({ onEncoded, later = setImmediate, time = systemTime }: EncodingOptions<C>) {
    this.#onEncoded = onEncoded;
    this.#later = later;
    this.#time = time;
  }

  /** How many are not encoded. */
  get size(): number {
    return this.#nested.size + this.#others.size;
  }

  add(task: Task<C>): void {
    (task.within === undefined ? this.#others : this.#nested).push(task);
    this.#goOn();
  }

  takeAll(): Task<C>[] {
    return [...this.#nested.takeAll(), ...this.#others.takeAll()];
  }

  #goOn(): void {
    if (this.#isDue || this.size === 0) return;
    this.#isDue = true;
    this.#later(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isDue = false;
    const end = this.#time.now() + TURN_MS;
    do {
      const line = this.#nested.size > 0 ? this.#nested : this.#others;
      const task = line.next;
      if (task === null) break; // given up meanwhile
      this.#encode(task, line);
    } while (this.#time.now() < end);
    this.#goOn();
  };

  #encode(task: Task<C>, line: PriorityLine<C>): void {
    const { isRanked } = line;
    try {
      task.preparation?.step();
    } catch (error) {
      task.fail(error);
    }
    // Its own getters may have given it up.
    if (!task.settled && task.preparation?.isDone === false) return;
    if (isRanked) line.went();
    if (task.settled) return;
    task.list?.delete(task);
    this.#onEncoded(task);
  }
}

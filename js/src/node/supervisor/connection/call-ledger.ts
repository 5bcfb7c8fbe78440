/**
 * What a worker writes down of the calls that it begins, and where it is told which of them it must not
 * begin any more: memory that both see, whatever the other end is doing, and that outlives the worker.
 * Implements Node's part of "The ledger" in docs/protocol.md, where it is reasoned why no call runs twice.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';

const WORD_BYTES = 8;
/** The last id that was begun. */
const BEGUN_OFFSET = 0;
/** The highest id that was taken back. */
const RECALLED_OFFSET = WORD_BYTES;
/** The ids that were, each in the slot of its remainder. */
const SLOTS_OFFSET = 2 * WORD_BYTES;
const SLOTS = 512;

export class CallLedger {
  readonly #word = new BigUint64Array(1);
  #slots: BigUint64Array | undefined;
  #highestRecalled = 0;
  #fd: number | undefined;
  /** What it said last. */
  #lastBegun: number | undefined;

  /** Opens it, if that can be done; it has the number `fd` in the process. */
  static open(pid: number, fd: number): CallLedger | undefined {
    try {
      return new CallLedger(
        openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDWR | constants.O_NONBLOCK),
      );
    } catch {
      // No /proc here, it may not be read, or no more files may be opened.
      return undefined;
    }
  }

  /** @param fd becomes owned */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * The last call that the worker has begun: none with a higher id has run. 0 before the first,
   * undefined where that cannot be read. After the end of the worker it stays what it was.
   */
  get lastBegun(): number | undefined {
    if (this.#fd === undefined) return this.#lastBegun;
    // A read copies; while the worker writes it might get the halves of two numbers, once.
    let begun = this.#read(this.#fd);
    for (let again = this.#read(this.#fd); again !== begun; again = this.#read(this.#fd)) {
      begun = again;
    }
    return begun;
  }

  /** Tells the worker not to begin these, and to say so of each that it comes to. False where that cannot be written. */
  recall(ids: readonly number[]): boolean {
    if (this.#fd === undefined) return false;
    this.#slots ??= new BigUint64Array(SLOTS);
    for (const id of ids) {
      this.#slots[id % SLOTS] = BigInt(id);
      if (id > this.#highestRecalled) this.#highestRecalled = id;
    }
    this.#word[0] = BigInt(this.#highestRecalled);
    try {
      writeSync(this.#fd, this.#slots, 0, SLOTS * WORD_BYTES, SLOTS_OFFSET);
      // Last: it is what the worker looks at first.
      writeSync(this.#fd, this.#word, 0, WORD_BYTES, RECALLED_OFFSET);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether the worker was told not to begin this one. */
  isRecalled(id: number): boolean {
    return this.#slots?.[id % SLOTS] === BigInt(id);
  }

  /**
   * Whether this one could be recalled: it is not too far from those that were begun. The slot of the last one stays
   * as it is: a worker that has just written that one down may be about to look there.
   */
  reaches(id: number, lastBegun: number): boolean {
    return id > lastBegun && id < lastBegun + SLOTS;
  }

  /** Lets go of the memory; the worker has ended. */
  close(): void {
    if (this.#fd === undefined) return;
    this.#lastBegun = this.lastBegun;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #read(fd: number): number | undefined {
    try {
      const length = readSync(fd, this.#word, 0, WORD_BYTES, BEGUN_OFFSET);
      return length === WORD_BYTES ? Number(this.#word[0]) : undefined;
    } catch {
      return undefined;
    }
  }
}

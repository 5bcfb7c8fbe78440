/**
 * Memory that a worker has made for large segments, opened here through `/proc/<pid>/fd/<n>`. It is read and written
 * as a file: by the event loop, in turns, and the largest results by the threads of libuv, which share their page faults.
 */
import {
  close,
  closeSync,
  constants,
  fstatSync,
  ftruncate,
  openSync,
  read,
  readSync,
  writeSync,
} from 'node:fs';
import { FIRST_SHARED_BYTE, type SharedSource } from '../../core/protocol/shared-segments.js';
import type { SharedMemories, SharedTarget } from '../../core/transport.js';

const FREE = 0;
const HELD = 1;
/** After so long without large segments the memory goes back to the system, */
const IDLE_MS = 1000;
/** but for so much: what is not larger finds pages that are there also when it comes after a pause. */
const KEPT_BYTES = FIRST_SHARED_BYTE + 4 * 1024 * 1024;
/** Pieces from here on are read by threads: of a smaller one all is here before a thread has begun. */
const BY_THREAD_FROM_BYTES = 1024 * 1024;
/** What is read or written in one turn of the event loop. */
export const TURN_BYTES = 4 * 1024 * 1024;
/** Threads that have not done a piece by then are busy with other things, as with hashing passwords. */
const PATIENCE_MS = 100;

/** Descriptor numbers as the worker knows them; absent where it could not make such memory. */
export interface SharedNumbers {
  readonly shared_input?: number;
  readonly shared_output?: number;
}

/** The memory of one direction. */
class SharedMemory implements SharedSource, SharedTarget {
  readonly #fd: number;
  readonly #onUse: () => void;
  readonly #state = new Uint8Array(1);
  askedBytes = 0;
  /** Up to where something may have been put there since it was given back. */
  #filledTo = 0;
  /** What the threads are at; the number must not be closed meanwhile, nor segments be put there while they shorten it. */
  #underway = 0;
  #bytesInTurn = 0;
  #nextTurn: Promise<void> | undefined;
  #closed = false;

  constructor(fd: number, onUse: () => void) {
    this.#fd = fd;
    this.#onUse = onUse;
  }

  async take(into: Uint8Array, at: number): Promise<boolean> {
    if (into.length >= BY_THREAD_FROM_BYTES) return this.#takeByThread(into, at);
    if (this.#bytesInTurn >= TURN_BYTES) {
      this.#bytesInTurn = 0;
      this.#nextTurn = this.later();
    }
    await this.#nextTurn;
    this.#bytesInTurn += into.length;
    this.takeNow(into, at);
    return true;
  }

  /** False when no thread has time. */
  async #takeByThread(into: Uint8Array, at: number): Promise<boolean> {
    this.askedBytes += into.length;
    for (let taken = 0; taken < into.length; ) {
      const count = await this.#readInTime(into.subarray(taken), at + taken);
      if (count === undefined) return false;
      if (count === 0) throw endOf(at + taken);
      taken += count;
    }
    return true;
  }

  takeNow(into: Uint8Array, at: number): void {
    this.askedBytes += into.length;
    for (let taken = 0; taken < into.length; ) {
      const count = readSync(this.#opened, into, taken, into.length - taken, at + taken);
      if (count === 0) throw endOf(at + taken);
      taken += count;
    }
  }

  later(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  release(): void {
    this.#onUse();
    if (this.#closed) return;
    try {
      this.#setState(FREE);
    } catch {
      // All was taken: if the worker is not told, its next segments follow their frame.
    }
  }

  claim(end: number): boolean {
    try {
      if (!this.#isFree()) return false;
      this.#filledTo = Math.max(this.#filledTo, end);
      // Held against limits on the size of files while the segments can still go another way.
      this.#state[0] = FREE;
      writeSync(this.#fd, this.#state, 0, 1, end - 1);
      this.#setState(HELD);
    } catch {
      return false;
    }
    this.#onUse();
    return true;
  }

  put(bytes: Uint8Array, at: number): void {
    for (let put = 0; put < bytes.length; ) {
      put += writeSync(this.#opened, bytes, put, bytes.length - put, at + put);
    }
  }

  /** Gives what is too much to keep back to the system, if all has been taken; whether it is still there. */
  trim(): boolean {
    if (this.#filledTo <= KEPT_BYTES) return false;
    if (!this.#isFree()) return true;
    this.#filledTo = KEPT_BYTES;
    this.#underway += 1;
    ftruncate(this.#fd, KEPT_BYTES, () => this.#ended());
    return false;
  }

  close(): void {
    this.#closed = true;
    if (this.#underway === 0) this.#letGo();
  }

  get #opened(): number {
    if (this.#closed) throw new Error('The connection was closed.');
    return this.#fd;
  }

  #isFree(): boolean {
    if (this.#closed || this.#underway > 0) return false;
    this.#state[0] = FREE; // also where there is nothing
    try {
      readSync(this.#fd, this.#state, 0, 1, 0);
    } catch {
      return false;
    }
    return this.#state[0] !== HELD;
  }

  #setState(state: number): void {
    this.#state[0] = state;
    writeSync(this.#fd, this.#state, 0, 1, 0);
  }

  /** Has a thread read; undefined when none has time: it may do so at any time later. */
  #readInTime(into: Uint8Array, at: number): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const fd = this.#opened;
      // A turn that was long may be why its end has not been heard of.
      const patience = setTimeout(() => setImmediate(() => resolve(undefined)), PATIENCE_MS);
      read(fd, into, 0, into.length, at, (error, count) => {
        clearTimeout(patience);
        this.#ended();
        if (error === null) resolve(count);
        else reject(error);
      });
      this.#underway += 1;
    });
  }

  #ended(): void {
    this.#underway -= 1;
    if (this.#closed && this.#underway === 0) this.#letGo();
  }

  /** By a thread: the last to close it frees all its pages. */
  #letGo(): void {
    close(this.#fd, () => undefined);
  }
}

/** What a worker shares, either way. */
export class WorkerMemory implements SharedMemories {
  readonly incoming: SharedMemory;
  readonly outgoing: SharedMemory;
  onIdle: () => void = () => undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(incoming: number, outgoing: number) {
    const onUse = () => this.#used();
    this.incoming = new SharedMemory(incoming, onUse);
    this.outgoing = new SharedMemory(outgoing, onUse);
  }

  /** Opens it; undefined where there is none, or it cannot be opened: then segments follow their frame. */
  static open(pid: number, numbers: SharedNumbers): WorkerMemory | undefined {
    const { shared_input: input, shared_output: output } = numbers;
    const opened: number[] = [];
    try {
      for (const fd of [output, input]) opened.push(openNameless(pid, fd));
    } catch {
      for (const fd of opened) closeSync(fd);
      return undefined;
    }
    return new WorkerMemory(...(opened as [number, number]));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#idle);
    this.incoming.close();
    this.outgoing.close();
  }

  #used(): void {
    if (this.#closed) return;
    if (this.#idle === undefined) this.#idle = setTimeout(() => this.#rest(), IDLE_MS).unref();
    else this.#idle.refresh();
  }

  #rest(): void {
    this.#idle = undefined;
    if (this.outgoing.trim()) this.#used(); // the worker has not taken it yet
    this.onIdle();
  }
}

/** Opens a file without a name: a worker that means ill cannot have one of ours written to. @throws {Error} */
function openNameless(pid: number, number: number | undefined): number {
  if (!Number.isSafeInteger(number)) throw new Error('It is no descriptor.');
  const fd = openSync(`/proc/${pid}/fd/${number}`, constants.O_RDWR | constants.O_NONBLOCK);
  const file = fstatSync(fd);
  if (file.isFile() && file.nlink === 0) return fd;
  closeSync(fd);
  throw new Error('It is a file of somebody.');
}

function endOf(at: number): Error {
  return new Error(`Shared memory ends at byte ${at}, and more was said to lie there.`);
}

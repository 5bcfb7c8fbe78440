/**
 * Memory that a worker has made for large segments, opened here through `/proc/<pid>/fd/<n>`. It is read and written
 * as a file by the threads of libuv, which share the page faults of a large result, and in steps by the event loop where
 * they have no time.
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
  write,
  writeSync,
} from 'node:fs';
import type { SharedSource } from '../../core/protocol/shared-segments.js';
import type { SharedMemories, SharedTarget } from '../../core/transport.js';

const FREE = 0;
const HELD = 1;
/** After so long without large segments the memory goes back to the system. */
const IDLE_MS = 1000;
/** Threads that have not done a piece by then are busy with other things, as with hashing passwords. */
const PATIENCE_MS = 100;
/** What the event loop writes itself then, in one turn. */
const STEP_BYTES = 1024 * 1024;

/** Descriptor numbers as the worker knows them; absent where it could not make such memory. */
export interface SharedNumbers {
  readonly shared_input?: number;
  readonly shared_output?: number;
}

type Transfer = (
  fd: number,
  bytes: Uint8Array,
  at: number,
  done: (error: Error | null, count: number) => void,
) => void;

const READ: Transfer = (fd, bytes, at, done) => read(fd, bytes, 0, bytes.length, at, done);
const WRITE: Transfer = (fd, bytes, at, done) => write(fd, bytes, 0, bytes.length, at, done);

/** The memory of one direction. */
class SharedMemory implements SharedSource, SharedTarget {
  readonly #fd: number;
  readonly #onUse: () => void;
  readonly #state = new Uint8Array(1);
  askedBytes = 0;
  /** Whether something may have been put there since it was given back. */
  #isFilled = false;
  /** What the threads are at; the number must not be closed meanwhile, nor other segments be put there. */
  #underway = 0;
  #closed = false;

  constructor(fd: number, onUse: () => void) {
    this.#fd = fd;
    this.#onUse = onUse;
  }

  take(into: Uint8Array, at: number): Promise<boolean> {
    this.askedBytes += into.length;
    return this.#byThread(READ, into, at);
  }

  takeNow(into: Uint8Array, at: number): void {
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
      this.#isFilled = true;
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

  async put(bytes: Uint8Array, at: number): Promise<void> {
    if (await this.#byThread(WRITE, bytes, at)) return;
    for (let put = 0; put < bytes.length; ) {
      put += writeSync(this.#opened, bytes.subarray(put, put + STEP_BYTES), 0, undefined, at + put);
      await this.later();
    }
  }

  /** Gives what was put there back to the system, if it has been taken; whether something is still there. */
  trim(): boolean {
    if (!this.#isFilled || !this.#isFree()) return this.#isFilled;
    this.#isFilled = false;
    this.#underway += 1;
    ftruncate(this.#fd, 0, () => this.#ended());
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

  /** Has a thread transfer all of `bytes`. False when none has time: it may be done at any time later. */
  async #byThread(transfer: Transfer, bytes: Uint8Array, at: number): Promise<boolean> {
    for (let done = 0; done < bytes.length; ) {
      const count = await this.#inTime(transfer, bytes.subarray(done), at + done);
      if (count === undefined) return false;
      if (count === 0) throw endOf(at + done);
      done += count;
    }
    return true;
  }

  #inTime(transfer: Transfer, bytes: Uint8Array, at: number): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const fd = this.#opened;
      // A turn that was long may be why its end has not been heard of.
      const patience = setTimeout(() => setImmediate(() => resolve(undefined)), PATIENCE_MS);
      transfer(fd, bytes, at, (error, count) => {
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

/**
 * Memory that a worker has made for large segments, opened here through `/proc/<pid>/fd/<n>`. It is read and written
 * as a file by the threads of libuv: the event loop stays free, and two of them share the page faults of a large result.
 */
import {
  closeSync,
  constants,
  ftruncate,
  ftruncateSync,
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

/** Descriptor numbers as the worker knows them; absent where it could not make such memory. */
export interface SharedNumbers {
  readonly shared_input?: number;
  readonly shared_output?: number;
}

type Transferred = (error: Error | null, count: number) => void;

/** The memory of one direction. */
class SharedMemory implements SharedSource, SharedTarget {
  readonly #fd: number;
  readonly #onUse: () => void;
  readonly #state = new Uint8Array(1);
  askedBytes = 0;
  /** As large as it has been made for what is put there. */
  #size = 0;
  /** What the threads are at; the number must not be closed meanwhile. */
  #underway = 0;
  #closed = false;

  constructor(fd: number, onUse: () => void) {
    this.#fd = fd;
    this.#onUse = onUse;
  }

  async take(into: Uint8Array, at: number): Promise<void> {
    this.askedBytes += into.length;
    for (let taken = 0; taken < into.length; ) {
      const rest = into.subarray(taken);
      const count = await this.#transfer((fd, done) =>
        read(fd, rest, 0, rest.length, at + taken, done),
      );
      if (count === 0) throw endOf(at + taken);
      taken += count;
    }
  }

  takeNow(into: Uint8Array, at: number): void {
    for (let taken = 0; taken < into.length; ) {
      const count = readSync(this.#fd, into, taken, into.length - taken, at + taken);
      if (count === 0) throw endOf(at + taken);
      taken += count;
    }
  }

  release(): void {
    this.#onUse();
    if (!this.#closed) this.#setState(FREE);
  }

  claim(end: number): boolean {
    try {
      if (!this.#isFree()) return false;
      // Held against limits on the size of files while the segments can still go another way.
      if (end > this.#size) ftruncateSync(this.#fd, end);
      this.#size = Math.max(end, this.#size);
      this.#setState(HELD);
    } catch {
      return false;
    }
    this.#onUse();
    return true;
  }

  async put(bytes: Uint8Array, at: number): Promise<void> {
    for (let put = 0; put < bytes.length; ) {
      const rest = bytes.subarray(put);
      put += await this.#transfer((fd, done) => write(fd, rest, 0, rest.length, at + put, done));
    }
  }

  /** Gives what was put there back to the system, if it has been taken. */
  trim(): void {
    if (this.#size === 0 || !this.#isFree()) return;
    this.#size = 0;
    this.#underway += 1;
    ftruncate(this.#fd, 0, () => this.#ended());
  }

  close(): void {
    this.#closed = true;
    if (this.#underway === 0) closeSync(this.#fd);
  }

  #isFree(): boolean {
    if (this.#closed || this.#underway > 0) return false;
    this.#state[0] = FREE; // also where there is nothing
    readSync(this.#fd, this.#state, 0, 1, 0);
    return this.#state[0] !== HELD;
  }

  #setState(state: number): void {
    this.#state[0] = state;
    writeSync(this.#fd, this.#state, 0, 1, 0);
  }

  #transfer(begin: (fd: number, done: Transferred) => void): Promise<number> {
    if (this.#closed) return Promise.reject(new Error('The connection was closed.'));
    this.#underway += 1;
    return new Promise((resolve, reject) => {
      begin(this.#fd, (error, count) => {
        this.#ended();
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }

  #ended(): void {
    this.#underway -= 1;
    if (this.#closed && this.#underway === 0) closeSync(this.#fd);
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
    if (input === undefined || output === undefined) return undefined;
    const opened: number[] = [];
    try {
      for (const fd of [output, input])
        opened.push(openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDWR));
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
    this.outgoing.trim();
    this.onIdle();
  }
}

function endOf(at: number): Error {
  return new Error(`Shared memory ends at byte ${at}, and more was said to lie there.`);
}

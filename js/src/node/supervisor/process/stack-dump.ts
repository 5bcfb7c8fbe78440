/**
 * Asks a process what its threads are doing: SIGUSR2 has a handler in C write the stack of the thread
 * that gets it to a pipe of its own, whoever holds the interpreter. They are asked one after the other,
 * since what they write would mix. The text has no end mark: it is over when nothing has followed for a moment.
 */
import { closeSync, constants, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { openForSockets } from '../../transport/adoption.js';
import { startTimer } from '../timer.js';

/** The handler writes in one go; a busy machine may take the processor away from it in between. */
const QUIET_MS = 15;
/** What the pipe holds, one byte a character; the handler does not wait for room, so more never comes. */
const MAX_STACK_CHARS = 64 * 1024;

/** How often a thread is asked whose signal another one takes: that one is busy only for so long. */
const MOST_ASKED = 10;

/** What `faulthandler` writes over the stack of a single thread. */
const HEADING = /^Stack \(/;

/** A thread that can be asked for its stack. */
export interface StackThread {
  /** What the text calls it. */
  readonly title: string;
  /** Sends it the signal. */
  readonly ask: () => void;
  /**
   * Whether a stack may be its own: what is sent to a thread is sent to its process, and on a busy machine another
   * thread, one that is on its way out of the kernel, takes it first.
   */
  readonly mayBeOwn?: (stack: string) => boolean;
}

export class StackDump {
  /** Until somebody asks. */
  #fd: number | undefined;
  #socket: Socket | undefined;
  #reading: Promise<string | undefined> | undefined;
  #onText: ((text: string) => void) | undefined;
  #onEnd: (() => void) | undefined;

  /** Opens the read end, which has the number `fd` in the process. @throws where that cannot be done */
  static open(pid: number, fd: number): StackDump {
    const [own] = openForSockets(pid, [[fd, constants.O_RDONLY]]);
    return new StackDump(own);
  }

  /** @param fd the read end of the pipe, which becomes owned */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Resolves to the stacks, or to undefined where none came in time. Those who ask while they are
   * being written share them.
   *
   * @param timeoutMs how long each thread has
   * @param threads the first of them is asked before this returns
   */
  read(timeoutMs: number, threads: readonly StackThread[]): Promise<string | undefined> {
    this.#listen();
    if (this.#socket?.destroyed !== false) return Promise.resolve(undefined);
    this.#reading ??= this.#readAll(timeoutMs, threads).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(timeoutMs: number, threads: readonly StackThread[]): Promise<string | undefined> {
    const stacks: string[] = [];
    for (const { title, ask, mayBeOwn = () => true } of threads) {
      let stack = await this.#read(timeoutMs, ask);
      for (let asked = 1; stack !== undefined && !mayBeOwn(stack); asked++) {
        stack = asked < MOST_ASKED ? await this.#read(timeoutMs, ask) : undefined;
      }
      // What does not answer once, stopped or in the kernel, does not answer the next time either.
      if (stack === undefined) break;
      stacks.push(stack.replace(HEADING, `${title} (`));
    }
    return stacks.length === 0 ? undefined : stacks.join('\n\n');
  }

  #read(timeoutMs: number, ask: () => void): Promise<string | undefined> {
    return new Promise((resolve) => {
      let stack = '';
      let quiet: NodeJS.Timeout | undefined;
      const finish = (): void => {
        clearTimeout(limit);
        clearTimeout(quiet);
        this.#onText = this.#onEnd = undefined;
        resolve(stack === '' ? undefined : stack.trimEnd());
      };
      const limit = startTimer(timeoutMs, finish);
      this.#onEnd = finish;
      this.#onText = (text) => {
        if (stack.length < MAX_STACK_CHARS) stack += text;
        quiet ??= setTimeout(finish, QUIET_MS);
        quiet.refresh();
      };
      ask();
    });
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#socket?.destroy();
  }

  /** Hears the pipe from now on: a stream that most never need, each start would pay for. */
  #listen(): void {
    if (this.#fd === undefined) return;
    empty(this.#fd);
    const socket = new Socket({ fd: this.#fd, readable: true, writable: false });
    this.#fd = undefined; // it is the socket's
    socket.unref();
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => this.#onText?.(text));
    socket.on('close', () => this.#onEnd?.());
    this.#socket = socket;
  }
}

/** Takes from a pipe what somebody else has asked for: `kill -USR2`. */
function empty(fd: number): void {
  try {
    readSync(fd, Buffer.alloc(MAX_STACK_CHARS));
  } catch {
    // There is nothing.
  }
}

/**
 * Asks a process what its threads are doing: SIGUSR2 has a handler in C write their stacks to a
 * pipe of its own, whoever holds the interpreter. The text has no end mark: it is over when nothing
 * has followed for a moment.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { startTimer } from '../timer.js';

/** The handler writes in one go; a busy machine may take the processor away from it in between. */
const QUIET_MS = 15;
/** What the pipe holds; the handler does not wait for room, so more never comes. */
const MAX_STACK_CHARS = 64 * 1024;

export class StackDump {
  readonly #socket: Socket;
  #reading: Promise<string | undefined> | undefined;
  #onText: ((text: string) => void) | undefined;
  #onEnd: (() => void) | undefined;

  /** Opens the read end, which has the number `fd` in the process. @throws where that cannot be done */
  static open(pid: number, fd: number): StackDump {
    return new StackDump(
      openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK),
    );
  }

  /** @param fd the read end of the pipe, which becomes owned */
  constructor(fd: number) {
    try {
      this.#socket = new Socket({ fd, readable: true, writable: false });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.#socket.unref();
    this.#socket.setEncoding('utf8');
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (text: string) => this.#onText?.(text));
    this.#socket.on('close', () => this.#onEnd?.());
  }

  /**
   * Resolves to the stacks, or to undefined where none came in time. Those who ask while they are
   * being written share them.
   *
   * @param ask sends the signal, before this returns
   */
  read(timeoutMs: number, ask: () => void): Promise<string | undefined> {
    if (this.#socket.destroyed) return Promise.resolve(undefined);
    this.#reading ??= this.#read(timeoutMs, ask).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
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
    this.#socket.destroy();
  }
}

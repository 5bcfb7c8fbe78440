/** A process that there is not: what is sent to it is answered as in a play, and it ends as soon as it is told to. */
import { Duplex } from 'node:stream';
import type { Transport, TransportReceiver } from '../../../core/transport.js';
import type { ProcessChannels, ProcessExit, ProcessHandle } from '../process/process-handle.js';

/** Makes the answer to what was sent. */
export type Answer = (sent: Uint8Array) => Uint8Array;

const EXIT: ProcessExit = { exitCode: 0, signal: null, stderrTail: '' };
/** Nothing that is played can be cancelled. */
const CANCEL = { write: () => false, close: () => undefined };

export class PlayedProcess implements ProcessHandle {
  readonly pid = undefined;
  readonly stderrTail = '';
  readonly ledger = undefined;
  readonly exited: Promise<ProcessExit>;
  readonly channels: Promise<ProcessChannels>;
  readonly #control = new Duplex({ read() {} });
  readonly #transport: Transport;
  #resolveExited!: (exit: ProcessExit) => void;

  constructor(answer: Answer) {
    const control = { input: this.#control, output: this.#control };
    this.#transport = new PlayedTransport(answer);
    this.channels = Promise.resolve({
      control,
      pipes: { transport: this.#transport, cancel: CANCEL },
    });
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
    // So says a raw script that asks for its first input; a native worker is ready with its HELLO.
    this.#control.push('{"event":"ready"}\n');
  }

  end(): Promise<ProcessExit> {
    this.#transport.destroy();
    this.#control.destroy();
    this.#resolveExited(EXIT);
    return this.exited;
  }

  kill(): void {
    void this.end();
  }

  readStack(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  openStackDump(): boolean {
    return false;
  }

  openLedger(): boolean {
    return false;
  }

  noteLoop(): void {}
  noteStderr(): void {}
  signal(): void {}
}

class PlayedTransport implements Transport {
  readonly congested = false;
  readonly #answer: Answer;
  #receiver: TransportReceiver | undefined;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  open(receiver: TransportReceiver): void {
    this.#receiver = receiver;
  }

  send(bytes: Uint8Array, done: (undelivered: boolean) => void): void {
    const said = this.#answer(bytes).slice();
    done(false);
    // In a turn of its own, as from a process.
    setImmediate(() => this.#receiver?.onBytes(said));
  }

  defer(task: () => void): void {
    process.nextTick(task);
  }

  later(task: () => void): void {
    setImmediate(task);
  }

  destroy(): void {
    this.#receiver?.onClose();
    this.#receiver = undefined;
  }

  end(): void {}
  pause(): void {}
  resume(): void {}
}

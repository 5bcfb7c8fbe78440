/**
 * Node's end of the control socket: JSON lines of at most 64 KiB, events from the worker, answers
 * to it. It carries what must not wait behind data: the offer of pipes, readiness, crashes.
 */
import type { Socket } from 'node:net';
import type { PipeNumbers } from '../transport/pipes.js';
import { LineSplitter } from './line-splitter.js';

export interface ControlEvents {
  onChannel(pipes: PipeNumbers | undefined): void;
  onReady(): void;
  onCrash(error: unknown): void;
  onExit(consumedBytes: number): void;
  onWarning(message: string): void;
}

export class ControlChannel {
  readonly #socket: Socket;
  readonly #events: ControlEvents;

  constructor(socket: Socket, events: ControlEvents) {
    this.#socket = socket;
    this.#events = events;
    const lines = new LineSplitter((line) => this.#receive(line));
    socket.on('data', (chunk: Buffer) => lines.feed(chunk));
  }

  /** Says which data channel is used from now on. */
  answerChannel(channel: 'pipes' | 'socket'): void {
    this.#send({ channel });
  }

  /** Names a cancelled call, where there is no cancel pipe. */
  cancel(id: number): void {
    this.#send({ cancel: id });
  }

  #send(message: object): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #receive(line: string): void {
    let message: Record<string, unknown>;
    try {
      message = JSON.parse(line) as Record<string, unknown>;
    } catch {
      this.#events.onWarning(
        `The worker sent a control line that is not JSON: ${line.slice(0, 80)}`,
      );
      return;
    }
    switch (message.event) {
      case 'channel':
        this.#events.onChannel(message.pipes as PipeNumbers | undefined);
        return;
      case 'ready':
        this.#events.onReady();
        return;
      case 'crash':
        this.#events.onCrash(message.error);
        return;
      case 'exit':
        this.#events.onExit(Number(message.consumed_bytes));
        return;
      case 'warning':
        this.#events.onWarning(String(message.message));
        return;
      // A newer runtime may say more; what is not known here changes nothing.
      default:
        return;
    }
  }
}

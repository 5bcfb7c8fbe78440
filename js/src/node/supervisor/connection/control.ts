/**
 * Node's end of the control socket: JSON lines of at most 64 KiB, events from the worker, answers
 * to it. It carries what must not wait behind data: the offer of pipes, readiness, crashes.
 */
import type { Readable, Writable } from 'node:stream';
import type { PipeNumbers } from '../../transport/pipes.js';
import { LineSplitter } from '../line-splitter.js';

export interface ControlEvents {
  /** It can write its stacks to a pipe, whose read end has this number there. */
  onStackDump(fd: number): void;
  /** It writes down what it begins in memory that has this number there. */
  onLedger(fd: number): void;
  /** It has started its event loop, on the thread that the system knows by this id. */
  onLoop(thread: number): void;
  onChannel(pipes: PipeNumbers | undefined): void;
  onReady(): void;
  onCrash(error: unknown): void;
  /** It has read its data channel for the last time, so far. */
  onExit(read: LastRead): void;
  /** It was told to end by somebody else: it begins no more calls. */
  onDraining(): void;
  /** It answers the question whether its interpreter is responsive. */
  onAlive(): void;
  /** It logged something outside of what it serves: in a setup, in a teardown. */
  onLog(record: unknown): void;
  onWarning(message: string): void;
}

/** How far a worker had come in its data channel when it ended. */
export interface LastRead {
  /** Of a raw script: what it consumed. */
  readonly consumedBytes: number | undefined;
  /** Of a native worker: the last call or stream that it read; it has seen none after that. */
  readonly lastId: number | undefined;
}

export class ControlChannel {
  readonly #output: Writable;
  readonly #events: ControlEvents;

  constructor(
    { input, output }: { readonly input: Readable; readonly output: Writable },
    events: ControlEvents,
  ) {
    this.#output = output;
    this.#events = events;
    const lines = new LineSplitter((line) => this.#receive(line));
    input.on('data', (chunk: Buffer) => lines.feed(chunk));
  }

  /** Says which data channel is used from now on, whether stacks are read from their pipe, and what is begun from its memory. */
  answerChannel(channel: 'pipes' | 'socket', dump: boolean, ledger: boolean): void {
    this.#send({ channel, ...(dump && { dump }), ...(ledger && { ledger }) });
  }

  /** Names a cancelled call, where there is no cancel pipe. */
  cancel(id: number): void {
    this.#send({ cancel: id });
  }

  #send(message: object): void {
    if (!this.#output.destroyed) this.#output.write(`${JSON.stringify(message)}\n`);
  }

  #receive(line: string): void {
    const message = parse(line);
    if (message === undefined) {
      this.#events.onWarning(
        `The worker sent a control line that is no JSON object: ${line.slice(0, 80)}`,
      );
      return;
    }
    switch (message.event) {
      case 'dump':
        this.#events.onStackDump(Number(message.fd));
        return;
      case 'ledger':
        this.#events.onLedger(Number(message.fd));
        return;
      case 'loop':
        this.#events.onLoop(Number(message.thread));
        return;
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
        this.#events.onExit({
          consumedBytes: asNumber(message.consumed_bytes),
          lastId: asNumber(message.last_id),
        });
        return;
      case 'draining':
        this.#events.onDraining();
        return;
      case 'alive':
        this.#events.onAlive();
        return;
      case 'log':
        this.#events.onLog(message.record);
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

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

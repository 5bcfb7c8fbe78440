/** Reads what a process prints, line by line, and keeps the end of its stderr for error messages. */
import type { Readable } from 'node:stream';
import { LineSplitter } from '../line-splitter.js';
import { within } from '../within.js';
import type { OnLine, OutputName } from './process-handle.js';
import { TextTail } from './text-tail.js';

/** How long the captured output may stay open after the process ended (held by a stray child). */
const OUTPUT_GRACE_MS = 200;

export class OutputCapture {
  readonly #onLine: OnLine;
  readonly #stderrTail = new TextTail();
  readonly #closed: Promise<void>[] = [];
  readonly #streams: Readable[] = [];

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  get stderrTail(): string {
    return this.#stderrTail.toString();
  }

  /** Keeps a line for error messages that was printed to stderr and came by another way. */
  noteStderr(line: string): void {
    this.#stderrTail.add(line);
  }

  /** Reads a stream to its end. */
  capture(name: OutputName, stream: Readable): void {
    const lines = new LineSplitter((line) => {
      if (name === 'stderr') this.#stderrTail.add(line);
      this.#onLine(name, line);
    });
    stream.on('data', (chunk: Buffer) => lines.feed(chunk));
    this.#streams.push(stream);
    this.#closed.push(closed(stream).then(() => lines.end()));
  }

  /** Has `ended` wait for a stream that another reads. */
  await(stream: Readable): void {
    this.#closed.push(closed(stream));
  }

  /** After the process has ended: resolves when what it left behind has been read, or is held open. */
  async ended(): Promise<void> {
    await within(OUTPUT_GRACE_MS, Promise.all(this.#closed));
    // What another session's child holds open is no reason to keep ours.
    for (const stream of this.#streams) stream.destroy();
  }
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

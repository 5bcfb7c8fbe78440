/**
 * A module's log lines, as a real rxjs observable that can also be read with `for await`.
 *
 * Nothing is replayed and nothing is emitted on subscribing. Subscribers are told at once; a
 * reader by `for await` has a bounded buffer, and is told what it missed.
 */

import type { Observable } from 'rxjs/internal/Observable';
import type { Subject } from 'rxjs/internal/Subject';
import { loadRxjs } from './rxjs.js';

/** Lines kept for a reader that is slower than the module talks. */
const MAX_BUFFERED_LINES = 10_000;

/** Log lines, each with its newline: `instance.instanceLogs.pipe(tap(…))` or `for await (… of …)`. */
export interface LogStream extends Observable<string>, AsyncIterable<string> {
  /** Reads lines from now on, until the module is disposed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<string>;
}

/**
 * The lines of one `Synapse` and where they go. Its stream is made when somebody first asks for it: rxjs takes
 * 8 ms to load, and without a reader there is nothing to tell.
 */
export class LogLines {
  #told: { lines: Subject<string>; ends: Subject<void>; stream: LogStream } | undefined;

  get stream(): LogStream {
    if (this.#told === undefined) {
      const { Subject } = loadRxjs();
      const [lines, ends] = [new Subject<string>(), new Subject<void>()];
      this.#told = { lines, ends, stream: createLogStream(lines, ends) };
    }
    return this.#told.stream;
  }

  /** Tells a line to all who read now. */
  next(line: string): void {
    this.#told?.lines.next(line);
  }

  /** Ends what is read with `for await`; an observable may have more to say after the next spawn. */
  end(): void {
    this.#told?.ends.next();
  }
}

/** The stream of the lines that are told to `lines`; its readers are at their end when `ends` says so. */
export function createLogStream(lines: Subject<string>, ends: Subject<void>): LogStream {
  const { Observable } = loadRxjs();
  const stream = new Observable<string>((subscriber) => lines.subscribe(subscriber));
  return Object.assign(stream, { [Symbol.asyncIterator]: () => new LogReader(lines, ends) });
}

class LogReader implements AsyncIterableIterator<string> {
  #buffer: string[] = [];
  #dropped = 0;
  #ended = false;
  #waiting: ((result: IteratorResult<string>) => void)[] = [];
  readonly #unsubscribe: () => void;

  constructor(lines: Subject<string>, ends: Subject<void>) {
    const subscriptions = [
      lines.subscribe((line) => this.#push(line)),
      ends.subscribe(() => this.#end()),
    ];
    this.#unsubscribe = () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  }

  next(): Promise<IteratorResult<string>> {
    if (this.#dropped > 0) {
      const lines = this.#dropped === 1 ? '1 line was' : `${this.#dropped} lines were`;
      const value = `[WARNING] ${lines} dropped: lines came faster than they were read.\n`;
      this.#dropped = 0;
      return Promise.resolve({ done: false, value });
    }
    const value = this.#buffer.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<string>> {
    this.#buffer = [];
    this.#dropped = 0;
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(value: string): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ done: false, value });
      return;
    }
    this.#buffer.push(value);
    if (this.#buffer.length <= MAX_BUFFERED_LINES) return;
    this.#buffer.shift();
    this.#dropped += 1;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsubscribe();
    for (const resolve of this.#waiting) resolve({ done: true, value: undefined });
    this.#waiting = [];
  }
}

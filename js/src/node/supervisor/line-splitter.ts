/** Cuts a byte stream into lines of text: characters are never split, lines never grow unbounded. */
import { StringDecoder } from 'node:string_decoder';

/** A longer line is passed on in pieces of at most this many UTF-16 units. */
export const MAX_LINE_LENGTH = 64 * 1024;

export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #parts: string[] = [];
  #length = 0;

  /** @param onLine gets each line with its newline, or without one where the stream has none */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  feed(chunk: Uint8Array): void {
    this.#feedText(this.#decoder.write(chunk as Buffer));
  }

  /** The stream has ended; what is left is its last line. */
  end(): void {
    this.#feedText(this.#decoder.end());
    this.#flush();
  }

  #feedText(text: string): void {
    let start = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', start)) {
      this.#append(text.slice(start, at + 1));
      this.#flush();
      start = at + 1;
    }
    if (start < text.length) this.#append(text.slice(start));
  }

  #append(text: string): void {
    let rest = text;
    while (this.#length + rest.length > MAX_LINE_LENGTH) {
      const free = MAX_LINE_LENGTH - this.#length;
      // A character of two units is not cut: it goes to the next piece.
      const room = isHighSurrogate(rest.charCodeAt(free - 1)) ? free - 1 : free;
      this.#parts.push(rest.slice(0, room));
      this.#length += room;
      rest = rest.slice(room);
      this.#flush();
    }
    this.#parts.push(rest);
    this.#length += rest.length;
  }

  #flush(): void {
    if (this.#length === 0) return;
    const line = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    this.#onLine(line);
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

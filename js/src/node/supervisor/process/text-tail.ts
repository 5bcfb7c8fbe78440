/** Keeps the last lines of a text, for error messages. */

const KEPT_LINES = 40;
const KEPT_LINE_LENGTH = 2000;

export class TextTail {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(
      line.length > KEPT_LINE_LENGTH ? `${line.slice(0, KEPT_LINE_LENGTH)}…\n` : line,
    );
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  toString(): string {
    return this.#lines.join('').trimEnd();
  }
}

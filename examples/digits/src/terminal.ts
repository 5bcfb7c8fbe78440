// Draws what the demo shows: headings, a progress bar, pictures side by side, a table. Knows nothing of digits or Python.

const live = process.stdout.isTTY === true;
const coloured = live && !process.env.NO_COLOR;
const paint =
  (code: string) =>
  (text: string): string =>
    coloured ? `\x1b[${code}m${text}\x1b[0m` : text;

export const bold = paint('1');
export const dim = paint('2');
export const green = paint('32');
export const red = paint('31');
const cyan = paint('36');

const SHADES = [' ', '░', '▒', '▓', '█'];

/** Prints a section's title. */
export function heading(text: string): void {
  console.log(`\n${bold(cyan(text))}\n`);
}

/** A line that shows how far something is. */
export interface ProgressLine {
  update(done: number, total: number, note: string): void;
  end(): void;
}

/** Returns a line that redraws itself in a terminal and is printed once, at its end, anywhere else. */
export function progressLine(): ProgressLine {
  const width = 32;
  let last = '';
  return {
    update(done, total, note) {
      const filled = Math.round((width * done) / total);
      last = `  ${green('━'.repeat(filled))}${dim('━'.repeat(width - filled))}  ${note}`;
      if (live) process.stdout.write(`\r\x1b[2K${last}`);
    },
    end() {
      console.log(live ? '' : last);
    },
  };
}

/** Turns rows of darkness (0 to `darkest`) into lines of text, two characters a pixel so that it looks square. */
export function picture(rows: readonly (readonly number[])[], darkest: number): string[] {
  return rows.map((row) =>
    row
      .map((value) =>
        (SHADES[Math.round((value / darkest) * (SHADES.length - 1))] ?? '?').repeat(2),
      )
      .join(''),
  );
}

/** Prints blocks of lines next to each other, each with its caption beneath. */
export function sideBySide(blocks: readonly { lines: string[]; caption: string }[]): void {
  const gap = '    ';
  const height = Math.max(...blocks.map(({ lines }) => lines.length));
  for (let row = 0; row < height; row += 1)
    console.log(`  ${blocks.map(({ lines }) => lines[row]).join(gap)}`);
  const captions = blocks.map(({ lines, caption }) => caption.padEnd(lines[0]?.length ?? 0));
  console.log(`\n  ${captions.join(gap)}`);
}

/** Returns a printer of right-aligned rows, one at a time, under the headings it prints at once. */
export function table(headings: readonly string[]): (cells: readonly (string | number)[]) => void {
  const widths = headings.map((text) => Math.max(text.length, '100.0 %'.length));
  const draw = (cells: readonly (string | number)[]): string =>
    `  ${cells.map((cell, i) => String(cell).padStart(widths[i] ?? 0)).join('   ')}`;
  console.log(dim(draw(headings)));
  return (cells) => console.log(draw(cells));
}

/** Prints labels with the values that belong to them, the values aligned. */
export function facts(pairs: readonly [label: string, value: string][]): void {
  const width = Math.max(...pairs.map(([label]) => label.length));
  for (const [label, value] of pairs) console.log(`  ${dim(label.padEnd(width))}   ${value}`);
}

/**
 * What a build looks like in one line of a terminal; the same words as on the command line
 * (`cli/build_line.py`). Pure: events go in, text of a given width comes out. Both wings are held to
 * the same lines by `tests/vectors/build_lines.json`.
 */
import type { EnvironmentEvent } from './events.js';

const SPINNER = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
const FULL = '█';
const EMPTY = '░';
const ELLIPSIS = '…';
const GAUGE_WIDTH = 24;
const SHORT_GAUGE_WIDTH = 10;

/** How much is done, of how much. */
type Figure = readonly [done: number, total: number];

const NOTHING: Figure = [0, 0];

/** Follows the events of one build. */
export class BuildLine {
  readonly #module: string;
  #message = 'Preparing';
  #phase: string | undefined;
  /** Of each phase and unit; the base is what had arrived when a package was last done. */
  readonly #figures = new Map<string, Figure>();
  readonly #bases = new Map<string, Figure>();
  #package: string | undefined;
  #share = 0;

  /** @param module - the name of the module's folder */
  constructor(module: string) {
    this.#module = module;
  }

  /** Learn from one event; those that say nothing about progress change nothing. */
  take(event: EnvironmentEvent): void {
    if (event.event === 'phase') {
      this.#message = event.message;
      if (event.phase === this.#phase) return;
      this.#phase = event.phase;
      this.#share = 0;
      this.#package = undefined;
    } else if (event.event === 'progress') {
      const { phase, unit, done, total } = event;
      const before = this.#figures.get(`${phase} ${unit}`);
      this.#figures.set(`${phase} ${unit}`, [done, total]);
      if (unit === 'packages' && before !== undefined && before[0] !== done)
        this.#bases.set(phase, this.#figures.get(`${phase} bytes`) ?? NOTHING);
      if (phase !== this.#phase) return;
      this.#package = event.package;
      this.#share = Math.max(this.#share, this.#shareNow());
    }
  }

  /** Return the line, in less than `width` cells; what matters least gives way first. */
  text(width: number, turn: number, elapsedMs: number): string {
    let text = '';
    for (text of this.#forms(turn, elapsedMs)) if (cells(text) < width) return text;
    return cut(text, width - 1);
  }

  /** The line from the richest form to the poorest. */
  *#forms(turn: number, elapsedMs: number): Generator<string> {
    const spin = SPINNER[turn % SPINNER.length] ?? '';
    const head = this.#module === '' ? spin : `${spin} ${this.#module}`;
    const time = `(${duration(elapsedMs / 1000)})`;
    const counts = this.#counts();
    const named = this.#package === undefined ? counts : [...counts, this.#package];
    const gauge = this.#gauge(GAUGE_WIDTH);
    const shortGauge = this.#gauge(SHORT_GAUGE_WIDTH);
    yield joined(head, gauge, this.#with(named), time);
    yield joined(head, shortGauge, this.#with(named), time);
    yield joined(head, shortGauge, this.#with(counts), time);
    yield joined(head, this.#with(counts), time);
    yield joined(spin, this.#with(counts), time);
    yield joined(spin, this.#with(counts.slice(0, 1)));
    yield joined(spin, this.#message);
  }

  #with(facts: readonly string[]): string {
    return facts.length === 0 ? this.#message : `${this.#message}: ${facts.join(', ')}`;
  }

  #counts(): string[] {
    const counts: string[] = [];
    const packages = this.#figures.get(`${this.#phase} packages`);
    if (packages !== undefined) counts.push(`${packages[0]} of ${packages[1]}`);
    const arrived = this.#figures.get(`${this.#phase} bytes`);
    if (arrived !== undefined) counts.push(size(...arrived));
    return counts;
  }

  #gauge(width: number): string {
    const [, total] = this.#figures.get(`${this.#phase} packages`) ?? NOTHING;
    if (total === 0) return '';
    const filled = Math.floor(this.#share * width + 0.5);
    return FULL.repeat(filled) + EMPTY.repeat(width - filled);
  }

  /** How much of the phase is done; of the package on its way the bytes count. */
  #shareNow(): number {
    const [count, total] = this.#figures.get(`${this.#phase} packages`) ?? NOTHING;
    if (total === 0) return 0;
    const arrived = this.#figures.get(`${this.#phase} bytes`) ?? NOTHING;
    const base = this.#bases.get(this.#phase ?? '') ?? NOTHING;
    const rest = arrived[1] - base[1];
    const part = rest > 0 ? Math.min(Math.max((arrived[0] - base[0]) / rest, 0), 1) : 0;
    return (count + (count < total ? part : 0)) / total;
  }
}

function joined(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** `3.2 s`, or `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `3.1 of 15.8 MB`: both in the unit of the total. */
function size(done: number, total: number): string {
  for (const [unit, step] of [
    ['GB', 1e9],
    ['MB', 1e6],
  ] as const)
    if (total >= step) return `${(done / step).toFixed(1)} of ${(total / step).toFixed(1)} ${unit}`;
  return `${Math.floor(done / 1000)} of ${Math.ceil(total / 1000)} kB`;
}

const NO_WIDTH = /\p{M}|\p{Cf}/u;
/** East Asian wide and full-width characters, and emoji: two cells each. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

function cellsOf(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** How many cells of a terminal a text takes. */
function cells(text: string): number {
  let sum = 0;
  for (const character of text) sum += cellsOf(character);
  return sum;
}

/** As much of a text as `width` cells hold, with an ellipsis where some is missing. */
function cut(text: string, width: number): string {
  if (cells(text) <= width) return text;
  let room = width - ELLIPSIS.length;
  let kept = '';
  for (const character of text) {
    room -= cellsOf(character);
    if (room < 0) break;
    kept += character;
  }
  return width > ELLIPSIS.length ? kept + ELLIPSIS : '';
}

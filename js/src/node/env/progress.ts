/**
 * Shows a running build to a person: a line that redraws itself in a terminal, one line a step in CI and
 * where the cursor cannot be moved, nothing when embedded in another program. Always on stderr, so that
 * piped output stays clean.
 */
import { BuildLine, duration } from './build-line.js';
import type { EnvironmentEvent } from './events.js';

const REDRAW_INTERVAL_MS = 120;
const CLEAR_LINE = '\r\u001b[2K';
/** What a terminal that does not know its width counts as. */
const USUAL_WIDTH = 80;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Receives the events of one build. */
export interface Progress {
  show(event: EnvironmentEvent): void;
  /** Take the display away; a build that succeeded leaves one line behind. */
  finish(succeeded: boolean): void;
}

/** Where progress goes: `process.stderr`, or a stand-in. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const SILENT: Progress = { show: () => {}, finish: () => {} };

/** Choose the display that suits the place; `name` is the module's folder name. */
export function createProgress(
  name: string,
  output: ProgressOutput = process.stderr,
  env: NodeJS.ProcessEnv = process.env,
): Progress {
  const inCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  if (inCi) return plainLines(name, output);
  if (!output.isTTY) return SILENT;
  return env.TERM === 'dumb' ? plainLines(name, output) : drawnLine(name, output);
}

function plainLines(name: string, output: ProgressOutput): Progress {
  const start = performance.now();
  const said = new Set<string>();
  return {
    show(event) {
      // Phases may alternate; a log needs each step once.
      if (event.event === 'warning') output.write(warning(event.message));
      if (event.event !== 'phase' || said.has(event.message)) return;
      said.add(event.message);
      output.write(`synapse: ${name}: ${event.message}\n`);
    },
    finish(succeeded) {
      if (succeeded) output.write(`synapse: ${name}: ready in ${since(start)}\n`);
    },
  };
}

function drawnLine(name: string, output: ProgressOutput): Progress {
  const start = performance.now();
  const line = new BuildLine(name);
  let turn = 0;
  const clear = (): void => {
    output.write(CLEAR_LINE);
  };
  const draw = (): void => {
    // Of builds that run at once the oldest has the line; the next one takes it over.
    if (!hasTheLine(clear)) return;
    const width = output.columns || USUAL_WIDTH;
    output.write(CLEAR_LINE + line.text(width, turn++, performance.now() - start));
  };
  const timer = setInterval(draw, REDRAW_INTERVAL_MS);
  timer.unref();
  clearBeforeTheEnd(clear);
  draw();
  return {
    show(event) {
      line.take(event);
      if (event.event === 'warning') output.write(CLEAR_LINE + warning(event.message));
    },
    finish(succeeded) {
      clearInterval(timer);
      leaveUncleared(clear);
      clear();
      if (succeeded) output.write(`✔ ${name}: environment ready in ${since(start)}\n`);
    },
  };
}

/** What takes each drawn line away, oldest first. */
const clearing = new Set<() => void>();

function hasTheLine(clear: () => void): boolean {
  const [oldest] = clearing;
  return oldest === clear;
}

/** Call back before this process ends, by itself or by a signal that nobody else handles. */
function clearBeforeTheEnd(clear: () => void): void {
  if (clearing.size === 0) {
    process.on('exit', clearAll);
    for (const signal of ENDING_SIGNALS) process.on(signal, clearAndEnd);
  }
  clearing.add(clear);
}

function leaveUncleared(clear: () => void): void {
  clearing.delete(clear);
  if (clearing.size > 0) return;
  process.off('exit', clearAll);
  for (const signal of ENDING_SIGNALS) process.off(signal, clearAndEnd);
}

function clearAll(): void {
  for (const clear of clearing) clear();
}

function clearAndEnd(signal: NodeJS.Signals): void {
  clearAll();
  // Our listener took the default away: where nobody else listens, the signal still ends us.
  if (process.listenerCount(signal) > 1) return;
  process.off(signal, clearAndEnd);
  process.kill(process.pid, signal);
}

function warning(message: string): string {
  return `synapse: warning: ${message}\n`;
}

function since(start: number): string {
  return duration((performance.now() - start) / 1000);
}

/**
 * Shows a running build to a person: a bar that redraws itself in a terminal, one line a stage in CI,
 * nothing when embedded in another program. Always on stderr, so that piped output stays clean.
 */
import type { EnvironmentEvent } from './events.js';

const BAR_WIDTH = 24;
const REDRAW_INTERVAL_MS = 120;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const CLEAR_LINE = '\r\u001b[2K';

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
  return output.isTTY && env.TERM !== 'dumb' ? bar(name, output) : SILENT;
}

function plainLines(name: string, output: ProgressOutput): Progress {
  const start = performance.now();
  return {
    show(event) {
      if (event.event === 'phase') output.write(`synapse: ${name}: ${event.message}\n`);
    },
    finish(succeeded) {
      if (succeeded) output.write(`synapse: ${name}: ready in ${seconds(start)}\n`);
    },
  };
}

function bar(name: string, output: ProgressOutput): Progress {
  const start = performance.now();
  let message = 'Preparing';
  let share: number | undefined;
  let turn = 0;
  const draw = (): void => {
    const spin = SPINNER[turn++ % SPINNER.length];
    const filled = share === undefined ? 0 : Math.round(share * BAR_WIDTH);
    const gauge =
      share === undefined ? '' : ` ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
    const text = `${spin} ${name}${gauge} ${message} (${seconds(start)})`;
    output.write(CLEAR_LINE + [...text].slice(0, (output.columns || 80) - 1).join(''));
  };
  const timer = setInterval(draw, REDRAW_INTERVAL_MS);
  timer.unref();
  draw();
  return {
    show(event) {
      if (event.event === 'phase') {
        message = event.message;
        share = undefined;
      } else if (event.event === 'progress') {
        share = event.total > 0 ? Math.min(1, event.done / event.total) : undefined;
      }
    },
    finish(succeeded) {
      clearInterval(timer);
      output.write(CLEAR_LINE);
      if (succeeded) output.write(`✔ ${name}: environment ready in ${seconds(start)}\n`);
    },
  };
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

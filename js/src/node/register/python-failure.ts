/** What the Python generator says went wrong, for whoever imported the file: the place first, then the line itself. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { asTyped } from '../own-command.js';

/** A failure as it goes from `emit-command.ts` to the process that imports. */
export interface EmitFailure {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
}

/** The error that the command line prints with `--json`, as far as it matters here. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly details?: {
    readonly file?: unknown;
    readonly line?: unknown;
    readonly hint?: unknown;
  } | null;
}

/** What only repeats the place, as in `invalid syntax (main.py, line 3)`. */
const REPEATED_PLACE = / \([^()]+\.py, line \d+\)(?=$|\n)/g;
/** As wide as the number of any line gets. */
const NUMBER_WIDTH = 6;

/** @param directory the module's folder: the place may be told relative to it */
export function pythonFailure(directory: string, told: ToldError): EmitFailure {
  const { code, details = null } = told;
  const { file, line } = details ?? {};
  const advice = adviceOf(details);
  if (typeof file !== 'string') return { code, message: told.message + advice, details };
  const path = resolve(directory, file);
  const number = typeof line === 'number' ? line : 1;
  const message = told.message.replace(REPEATED_PLACE, '');
  const place = `${path}:${number}: `;
  return { code, message: place + message + sourceLine(path, number) + advice, details };
}

function sourceLine(path: string, number: number): string {
  try {
    const text = readFileSync(path, 'utf8').split('\n')[number - 1]?.trimEnd();
    return text ? `\n${String(number).padStart(NUMBER_WIDTH)} | ${text}` : '';
  } catch {
    return ''; // it may be the place that cannot be read
  }
}

function adviceOf(details: ToldError['details']): string {
  const hint = details?.hint;
  return typeof hint === 'string' ? `\n${' '.repeat(NUMBER_WIDTH)} ${asTyped(hint)}` : '';
}

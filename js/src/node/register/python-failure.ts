/** What the Python generator says went wrong, for whoever imported the file: the place first, then the line itself. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

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
  readonly details?: { readonly file?: unknown; readonly line?: unknown } | null;
}

/** What only repeats the place, as in `invalid syntax (main.py, line 3)`. */
const REPEATED_PLACE = / \([^()]+\.py, line \d+\)(?=$|\n)/g;
const MISSING_PACKAGE = /ModuleNotFoundError: No module named '([^'.]+)/;
/** As wide as the number of any line gets. */
const NUMBER_WIDTH = 6;

/** @param directory the module's folder: the place may be told relative to it */
export function pythonFailure(directory: string, told: ToldError): EmitFailure {
  const { code, details = null } = told;
  const { file, line } = details ?? {};
  if (typeof file !== 'string')
    return { code, message: told.message + hint(told.message), details };
  const path = resolve(directory, file);
  const number = typeof line === 'number' ? line : 1;
  const message = told.message.replace(REPEATED_PLACE, '');
  const place = `${path}:${number}: `;
  return { code, message: place + message + sourceLine(path, number) + hint(message), details };
}

function sourceLine(path: string, number: number): string {
  try {
    const text = readFileSync(path, 'utf8').split('\n')[number - 1]?.trimEnd();
    return text ? `\n${String(number).padStart(NUMBER_WIDTH)} | ${text}` : '';
  } catch {
    return ''; // it may be the place that cannot be read
  }
}

function hint(message: string): string {
  const missing = MISSING_PACKAGE.exec(message)?.[1];
  if (missing === undefined) return '';
  return `\n${' '.repeat(NUMBER_WIDTH)} If "${missing}" is a package, add it to the module's requirements.txt.`;
}

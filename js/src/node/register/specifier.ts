/**
 * Which imports mean a Python file, and what they say of its place.
 *
 * Specifiers are URLs, as everywhere in ES modules: `./my%20module/main.py?fresh` names a folder with
 * a space in it, and the query makes a second instance of the same module.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';

/** An import of a Python file, by its place relative to the importer. */
export interface PythonSpecifier {
  /** Absolute path that the specifier leads to as it is written. */
  readonly path: string;
  /** Query and fragment, as in `?fresh#1`; empty when there is none. */
  readonly suffix: string;
}

const PYTHON_URL = /^file:[^?#]*\.py(?:[?#]|$)/;
/** Relative, absolute or a file URL; what is bare belongs to packages and their `exports`. */
const PLACE = /^(?:\.{1,2}\/|\/|file:)/;
const PYTHON_PATH = /^[^?#]*\.py(?=[?#]|$)/;

/** Whether a resolved URL names a Python file. */
export function isPythonUrl(url: string): boolean {
  return PYTHON_URL.test(url);
}

/** Reads a specifier; undefined when it does not name a Python file by its place. */
export function pythonSpecifier(
  specifier: string,
  importer: string | undefined,
): PythonSpecifier | undefined {
  if (!PLACE.test(specifier) || !PYTHON_PATH.test(specifier)) return undefined;
  const base = importer?.startsWith('file:') ? importer : pathToFileURL(`${process.cwd()}/`).href;
  const url = new URL(specifier, base);
  if (url.protocol !== 'file:') return undefined;
  return { path: fileURLToPath(url), suffix: url.search + url.hash };
}

/** The URL of a Python file. */
export function pythonUrl(path: string, suffix: string): string {
  return pathToFileURL(path).href + suffix;
}

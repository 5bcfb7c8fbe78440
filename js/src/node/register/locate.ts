/** Finds the Python file that an import means: beside the importer, or beside the importer's source. */
import { realpathSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SynapseError } from '../../core/protocol/errors.js';
import { sourcesOf } from './compiled.js';
import type { PythonSpecifier } from './specifier.js';

/**
 * Returns the real path of the file.
 *
 * @param importer URL of the importing module
 * @throws {SynapseError} `INVALID_CONFIG` with every place that was tried
 */
export function locate(
  specifier: string,
  { path }: PythonSpecifier,
  importer: string | undefined,
): string {
  const candidates = [path];
  if (importer?.startsWith('file:')) {
    const from = fileURLToPath(importer);
    const way = relative(dirname(from), path);
    candidates.push(...sourcesOf(from).map((source) => resolve(dirname(source), way)));
  }
  const tried = [...new Set(candidates)];
  const found = tried.find(isFile);
  if (found !== undefined) return realpathSync(found);
  throw notFound(specifier, importer, tried);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function notFound(
  specifier: string,
  importer: string | undefined,
  tried: readonly string[],
): SynapseError {
  const by = importer?.startsWith('file:') ? fileURLToPath(importer) : 'the command line';
  const places = tried.map((path) => `\n  - ${path}`).join('');
  return new SynapseError(
    'INVALID_CONFIG',
    `Cannot find the Python module "${specifier}" imported by ${by}. Looked for:${places}\n` +
      'Paths are relative to the importing file; those of compiled files also to where their source was, by ' +
      "outDir and rootDir of the project's tsconfig.json.",
    { details: { specifier, importer: importer ?? null, candidates: tried } },
  );
}

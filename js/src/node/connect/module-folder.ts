/**
 * Finds the folder of a generated client's module at run time: told by the caller or the
 * environment, else beside one of the package.json files above the generated file (be it in `src/`,
 * compiled to `dist/`, or in a bundle), above the working directory, or above the main script.
 */
import { existsSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModuleSpec } from '../../core/client/module-spec.js';
import { SynapseError } from '../../core/protocol/errors.js';

/** Folders that hold modules, in a list like `PATH`. */
const MODULES_VARIABLE = 'SYNAPSE_MODULES';

export interface Whereabouts {
  /** The folder itself, told by the caller. */
  readonly dir?: string | undefined;
  /** The file to run, where the caller says which. */
  readonly entrypoint?: string | undefined;
  /** The generated file; a bundler may have lost it. */
  readonly file?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory?: string | undefined;
  readonly mainScript?: string | undefined;
}

/**
 * Returns the absolute path of the module's folder.
 *
 * @throws {SynapseError} `INVALID_CONFIG`, with all the places where it was looked for
 */
export function findModuleFolder(
  spec: Pick<ModuleSpec, 'module' | 'directory'>,
  where: Whereabouts,
): string {
  if (where.dir !== undefined) return resolve(where.dir);
  const candidates = new Set(candidatesOf(spec, where));
  const { entrypoint = 'main.py' } = where;
  const signs = [entrypoint, `${entrypoint}.py`, 'pyproject.toml'];
  for (const candidate of candidates) if (holdsModule(candidate, signs)) return candidate;
  const tried = [...candidates].map((candidate) => `\n  ${candidate}`).join('');
  throw new SynapseError(
    'INVALID_CONFIG',
    `The folder of the Python module "${spec.module}" was not found. Name it with connect({ dir }), or the folder ` +
      `that holds it with the environment variable ${MODULES_VARIABLE}. It was looked for in` +
      `${tried === '' ? ' no place: no package.json is near.' : `:${tried}`}`,
  );
}

/** The path of a generated file, which is told by its URL (ES modules) or its path (CommonJS). */
export function pathOfFile(urlOrPath: string | undefined): string | undefined {
  if (urlOrPath === undefined || urlOrPath === '') return undefined;
  if (urlOrPath.startsWith('file:')) return fileURLToPath(urlOrPath);
  // Some other loader's URL says nothing of a folder.
  return /^[a-z][a-z+.-]+:/i.test(urlOrPath) ? undefined : resolve(urlOrPath);
}

function* candidatesOf(
  { module, directory }: Pick<ModuleSpec, 'module' | 'directory'>,
  { file, environment = {}, workingDirectory, mainScript }: Whereabouts,
): Generator<string> {
  for (const folder of (environment[MODULES_VARIABLE] ?? '').split(delimiter)) {
    if (folder === '') continue;
    yield resolve(folder, basename(directory));
    yield resolve(folder, module);
  }
  const starts = [
    file === undefined ? undefined : dirname(file),
    workingDirectory,
    mainScript === undefined ? undefined : dirname(resolve(mainScript)),
  ];
  for (const start of starts) {
    if (start === undefined) continue;
    for (const packageFolder of packagesAbove(start)) yield join(packageFolder, directory);
  }
}

/** The folders with a package.json, from the nearest on. */
function* packagesAbove(start: string): Generator<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) yield folder;
    if (folder === dirname(folder)) return;
  }
}

/** What a folder must have to be a module's: compiled JavaScript may lie in one of the same name. */
function holdsModule(folder: string, signs: readonly string[]): boolean {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder && signs.some((name) => existsSync(join(folder, name)));
}

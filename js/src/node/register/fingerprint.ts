/** What the JavaScript of a Python module depends on, in one hash: everything that can change its types. */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { VERSION } from '../../core/version.js';

/** Of the environment only its marker counts: it is written anew with every build. */
const MARKER = join('.venv', 'synapse.json');
const FOREIGN = new Set(['node_modules', '__pycache__', 'site-packages']);

/**
 * Hashes the Python files and settings of the module that `entrypoint` belongs to, by name and content.
 *
 * @param runtime what identifies the generator: another release of it may emit other code
 */
export function fingerprint(entrypoint: string, runtime: string): string {
  const directory = dirname(entrypoint);
  const hash = createHash('sha256');
  // The path too: the code names the module by its folder.
  for (const part of [VERSION, runtime, directory, basename(entrypoint)]) hash.update(`${part}\0`);
  for (const path of [...sources(directory, '', new Set()), MARKER]) {
    hash.update(`${path}\0${contentHash(join(directory, path))}\0`);
  }
  return hash.digest('hex');
}

/** Relative paths of the files that count, in a fixed order; links are followed, each folder once. */
function* sources(root: string, folder: string, visited: Set<string>): Generator<string> {
  const here = join(root, folder);
  const { dev, ino } = statSync(here, { throwIfNoEntry: false }) ?? {};
  const entries = entriesOf(here);
  if (visited.has(`${dev}:${ino}`) || entries.some(({ name }) => name === 'pyvenv.cfg')) return;
  visited.add(`${dev}:${ino}`);
  for (const entry of entries) {
    if (entry.name.startsWith('.') || FOREIGN.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (isFolder(entry, join(root, path))) yield* sources(root, path, visited);
    else if (counts(entry.name)) yield path;
  }
}

function counts(name: string): boolean {
  return name.endsWith('.py') || name === 'pyproject.toml' || name.startsWith('requirements');
}

function isFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // it leads nowhere, or in a circle
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function contentHash(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return 'none';
  }
}

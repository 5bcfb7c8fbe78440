/**
 * What Node asks a loader: where an import leads, and what stands there. The two answers are plain
 * functions here; `asynchronous-hooks.ts` and `register.ts` offer them to Node in the two shapes it knows.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packageRoot } from '../env/package-root.js';
import { emit } from './emit.js';
import { locate } from './locate.js';
import { isPythonUrl, pythonSpecifier, pythonUrl } from './specifier.js';

/** Where an import leads. */
export interface Resolution {
  readonly url: string;
  readonly format: 'module';
  readonly shortCircuit: true;
}

/** What stands there. */
export interface LoadedModule {
  readonly format: 'module';
  readonly source: string;
  readonly shortCircuit: true;
}

/** What emitted code imports of this package. */
const OWN_ENTRIES: ReadonlyMap<string, string> = new Map([
  ['synapse-worker', 'index.js'],
  ['synapse-worker/plan', 'core/schema/plans.js'],
]);

/** Resolves imports of Python files, and those that they make themselves; undefined for all others. */
export function resolvePython(
  specifier: string,
  importer: string | undefined,
): Resolution | undefined {
  // The code emitted for a Python file needs this very package, wherever the file lies.
  const entry = OWN_ENTRIES.get(specifier);
  if (entry !== undefined && importer !== undefined && isPythonUrl(importer)) {
    return found(pathToFileURL(join(packageRoot, 'dist', 'esm', entry)).href);
  }
  const place = pythonSpecifier(specifier, importer);
  return place && found(pythonUrl(locate(specifier, place, importer), place.suffix));
}

/** Loads a Python file as an ES module; undefined for everything else. */
export function loadPython(url: string): LoadedModule | undefined {
  if (!isPythonUrl(url)) return undefined;
  const { pathname } = new URL(url);
  const source = emit(fileURLToPath(new URL(pathname, 'file:')));
  return { format: 'module', source, shortCircuit: true };
}

function found(url: string): Resolution {
  return { url, format: 'module', shortCircuit: true };
}

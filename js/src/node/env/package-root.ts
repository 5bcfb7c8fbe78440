/**
 * Finds the installed package, which carries the Python runtime: this code's own folder, or, where a
 * bundler has taken this code along, the package as the bundle, the program or the working directory
 * would import it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { ownFolder } from '#package-root';

const NAME = 'synapse-worker';

/** Where to look. */
export interface PackagePlaces {
  /** The folder of this code. */
  readonly own: string | undefined;
  readonly mainScript: string | undefined;
  readonly workingDirectory: string;
}

/** Returns the folder of the installed package, or undefined where there is none. */
export function findPackageRoot(places: PackagePlaces): string | undefined {
  const { own, mainScript, workingDirectory } = places;
  if (own !== undefined && isPackage(own)) return own;
  const script = mainScript === undefined ? undefined : dirname(resolve(mainScript));
  for (const start of [own, script, workingDirectory]) {
    if (start === undefined) continue;
    try {
      return dirname(createRequire(join(start, 'any.js')).resolve(`${NAME}/package.json`));
    } catch {
      // Not installed there; the next place may have it.
    }
  }
  return undefined;
}

function isPackage(folder: string): boolean {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === NAME;
  } catch {
    return false;
  }
}

const found = findPackageRoot({
  own: ownFolder,
  mainScript: process.argv[1],
  workingDirectory: process.cwd(),
});

/** Whether the package is there at all: a bundle may have been taken away from it. */
export const isInstalled = found !== undefined;
/** Absolute path of the installed package: the folder that holds `package.json` and `python/`. */
export const packageRoot = found ?? ownFolder ?? process.cwd();

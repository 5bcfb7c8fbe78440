// Where a drill finds its modules: the shared copies of this run, and copies of its own for whatever it breaks.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

const root = process.env.SYNAPSE_E2E_ROOT;
if (root === undefined)
  throw new Error('run with js/jest.config.js: it prepares the scratch folder');

const ownFolders: string[] = [];
afterAll(() => {
  for (const folder of ownFolders) rmSync(folder, { recursive: true, force: true });
});

/** The scratch folder of this run. */
export const scratchRoot: string = root;

/** A module shared by all drills of this run: call it, never change it. */
export const sharedModule = (name: string): string => join(scratchRoot, 'modules', name);

/** A new folder, gone when the tests of this file are done. */
export function newFolder(): string {
  const folder = mkdtempSync(join(scratchRoot, 'own-'));
  ownFolders.push(folder);
  return folder;
}

/** A copy of a module, without its environment, at `<new folder>/<as>`. */
export function copyOfModule(name: string, as: string = name): string {
  const copy = join(newFolder(), as);
  cpSync(sharedModule(name), copy, {
    recursive: true,
    filter: (path) => !/[/\\](\.venv|__pycache__)$/.test(path),
  });
  return copy;
}

/** A module made of files given as `{ path: text }`. */
export function newModule(files: Record<string, string>, as = 'module'): string {
  const folder = join(newFolder(), as);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** The lines of a file; none when it does not exist. */
export function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

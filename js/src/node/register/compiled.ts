/**
 * Where the source of a compiled file was: `tsc` moves `src/app.ts` to `dist/app.js`, and leaves the
 * Python beside the source. The folders' `tsconfig*.json` say what moved where; without one, the
 * usual layouts are tried.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseJsonWithComments } from './json-with-comments.js';

/** `outDir` of a compilation and one folder whose content may have gone there. */
interface Move {
  readonly from: string;
  readonly to: string;
}

interface Configuration {
  readonly extends?: unknown;
  readonly compilerOptions?: { readonly outDir?: unknown; readonly rootDir?: unknown };
}

const CONFIGURATION = /^tsconfig(?:\..+)?\.json$/;
/** Deep enough for any chain of `extends` that ends. */
const MAX_EXTENDS = 16;

/** Paths at which the source of the compiled file `importer` may have been, the likeliest first. */
export function sourcesOf(importer: string): string[] {
  const sources = new Set<string>();
  for (const { from, to } of moves(dirname(importer))) {
    if (isInside(importer, to)) sources.add(join(from, relative(to, importer)));
  }
  sources.delete(importer);
  return [...sources];
}

function* moves(folder: string): Generator<Move> {
  for (const project of projectsAbove(folder)) {
    for (const name of entriesOf(project).filter((entry) => CONFIGURATION.test(entry))) {
      yield* configuredMoves(join(project, name));
    }
  }
  for (const project of projectsAbove(folder)) {
    const [first, second] = relative(project, folder).split(sep);
    for (const output of [second && join(first ?? '', second), first]) {
      if (!output || output === 'src') continue;
      yield { from: join(project, 'src'), to: join(project, output) };
      yield { from: project, to: join(project, output) };
    }
  }
}

function* configuredMoves(file: string): Generator<Move> {
  const { outDir, rootDir } = directories(file, dirname(file), MAX_EXTENDS);
  if (outDir === undefined) return;
  if (rootDir !== undefined) {
    yield { from: rootDir, to: outDir };
    return;
  }
  // Without rootDir the compiler takes the folder that all sources have in common.
  yield { from: join(dirname(file), 'src'), to: outDir };
  yield { from: dirname(file), to: outDir };
}

/** `outDir` and `rootDir` of a tsconfig, its own or inherited, as absolute paths. */
function directories(
  file: string,
  configDirectory: string,
  left: number,
): { readonly outDir?: string; readonly rootDir?: string } {
  const configuration = readConfiguration(file);
  if (configuration === undefined || left === 0) return {};
  const result: { outDir?: string; rootDir?: string } = {};
  for (const parent of [configuration.extends].flat()) {
    // One from a package knows nothing of this project's folders.
    if (typeof parent !== 'string' || !/^(?:\.|\/)/.test(parent)) continue;
    const path = resolve(dirname(file), parent.endsWith('.json') ? parent : `${parent}.json`);
    Object.assign(result, directories(path, configDirectory, left - 1));
  }
  for (const key of ['outDir', 'rootDir'] as const) {
    const value = configuration.compilerOptions?.[key];
    if (typeof value !== 'string') continue;
    result[key] = resolve(dirname(file), value.replace('$' + '{configDir}', configDirectory));
  }
  return result;
}

function readConfiguration(file: string): Configuration | undefined {
  try {
    const value = parseJsonWithComments(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // not there, or not readable: the compiler's business, not ours
  }
}

/** The folders from `folder` up that look like a project; never out of an installed package. */
function projectsAbove(folder: string): string[] {
  const projects: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const entries = entriesOf(at);
    if (entries.includes('package.json') || entries.some((entry) => CONFIGURATION.test(entry))) {
      projects.push(at);
    }
    const parent = dirname(at);
    if (parent === at || parent.endsWith(`${sep}node_modules`)) return projects;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return statSync(folder).isDirectory() ? readdirSync(folder).sort() : [];
  } catch {
    return [];
  }
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Finds out what is to be run: the folder, its entrypoint, its settings, its dialect. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, relative } from 'node:path';
import { dialectOf } from './dialect.js';
import { type ModuleSettings, readModuleSettings } from './module-settings.js';
import { invalid } from './option-checks.js';
import type { ConnectOptions } from './options.js';
import { readPlainFile } from './plain-file.js';

export interface ModuleDescription {
  /** The folder's real path. */
  readonly directory: string;
  readonly entrypoint: string;
  readonly name: string;
  readonly python: string | undefined;
  /** Whether its environment is to be shared with other modules. */
  readonly share?: boolean | undefined;
  readonly dialect: 'native' | 'raw';
  /** What stands with it of the options that `connect()` was not given. */
  readonly settings: ModuleSettings;
}

const DEFAULT_ENTRYPOINT = 'main.py';

/**
 * Describes the module in `directory`.
 *
 * @param assumed the dialect of an entrypoint whose source shows none: who starts it, and how, is
 *   all that is known of it then
 * @throws {SynapseError} `INVALID_CONFIG`
 */
export function describeModule(
  directory: string,
  options: ConnectOptions,
  assumed: 'native' | 'raw' = 'native',
): ModuleDescription {
  const real = realFolder(directory);
  const settings = readModuleSettings(real);
  const entrypoint = withExtension(options.entrypoint ?? settings.entrypoint ?? DEFAULT_ENTRYPOINT);
  const source = readEntrypoint(real, entrypoint);
  const { dialect = 'auto' } = options;
  return {
    directory: real,
    entrypoint,
    name: options.name ?? settings.name ?? basename(real),
    python: options.python ?? settings.python,
    share: options.shareEnvironment ?? settings.shareEnvironment,
    dialect: dialect === 'auto' ? decide(source, assumed) : dialect,
    settings,
  };
}

function decide(source: string, assumed: 'native' | 'raw'): 'native' | 'raw' {
  const decision = dialectOf(source);
  return decision === 'undecided' ? assumed : decision;
}

/** An entrypoint may be named without its `.py`. */
export function withExtension(entrypoint: string): string {
  return entrypoint.endsWith('.py') ? entrypoint : `${entrypoint}.py`;
}

function realFolder(directory: string): string {
  if (!existsSync(directory))
    throw invalid(`Directory "${directory}" does not exist.${whereFrom(directory)}`);
  if (!statSync(directory).isDirectory()) throw invalid(`"${directory}" is not a directory.`);
  return realpathSync.native(directory);
}

/** Where a relative path was looked for: whoever wrote it beside a file may expect it from there. */
function whereFrom(directory: string): string {
  if (isAbsolute(directory)) return '';
  const path = relative('', directory);
  return (
    ` It was looked for from the working directory, ${process.cwd()}.\n` +
    'What to do: start the process where the path leads to the module, or let the path begin at the file: ' +
    `fileURLToPath(new URL('${path}', import.meta.url)), or join(__dirname, '${path}').`
  );
}

function readEntrypoint(directory: string, entrypoint: string): string {
  const advice =
    '\nWhat to do: Name another with connect({ entrypoint }), or in its pyproject.toml: [tool.synapse] with entrypoint = "FILE.py".';
  try {
    return readPlainFile(join(directory, entrypoint), advice);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw invalid(`Entrypoint "${entrypoint}" does not exist in ${directory}.${advice}`);
  }
}

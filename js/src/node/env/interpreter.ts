/**
 * Finds a Python that can run the environment builder. Which Python a module itself gets is the
 * builder's decision; this one only has to start it.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError } from './errors.js';

/** A Python that runs and is new enough. */
export interface Interpreter {
  /** Its own `sys.executable`: never a shim, which would cost 0.1 s each start. */
  readonly path: string;
  /** As in `3.11.7`. */
  readonly version: string;
}

/** A version as the builder takes it; on `PATH` only its first two numbers are part of a name. */
const VERSION = /^(?:python)?(\d+(?:\.\d+)?)(?:\.\d+)?$/;
const HOME = /^~[\\/]/;
const OLDEST_MINOR = 10;
const NEWEST_MINOR = 14;
const PROBE_TIMEOUT_MS = 15_000;
const PROBE = 'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)';

/** What `python3` is on this machine comes first: it is what its user expects to run. */
const NAMES = [
  'python3',
  'python',
  ...Array.from(
    { length: NEWEST_MINOR - OLDEST_MINOR + 1 },
    (_, i) => `python3.${NEWEST_MINOR - i}`,
  ),
];

const HINT =
  'Install Python 3.10 or newer (Debian and Ubuntu: apt install python3; macOS: brew install python), ' +
  'or set SYNAPSE_PYTHON to the path of one.';

const found = new Map<string, Promise<Interpreter>>();

/**
 * Find a Python ≥ 3.10: the one asked for, `$SYNAPSE_PYTHON`, then the usual names on `PATH`.
 * The answer is kept for the life of the process; failures are not.
 *
 * @throws EnvironmentError `PYTHON_NOT_FOUND`, or `PYTHON_UNSUPPORTED` when all that was found is too old.
 */
export function findInterpreter(request?: string, env = process.env): Promise<Interpreter> {
  const key = JSON.stringify([request, env.SYNAPSE_PYTHON, env.PATH, env.HOME]);
  let search = found.get(key);
  if (search === undefined) {
    search = searchInterpreter(request, env);
    found.set(key, search);
    search.catch(() => found.delete(key));
  }
  return search;
}

async function searchInterpreter(
  request: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Interpreter> {
  const tooOld: Interpreter[] = [];
  const chosen = env.SYNAPSE_PYTHON;
  const names = [
    ...(request ? requestedNames(request) : []),
    ...(chosen ? chosenNames(chosen) : NAMES),
  ];
  for (const name of names) {
    for (const path of await locate(name, env)) {
      const interpreter = await probe(path);
      if (interpreter === undefined) continue;
      if (isSupported(interpreter.version)) return interpreter;
      tooOld.push(interpreter);
    }
  }
  if (tooOld.length > 0) {
    const list = tooOld.map(({ version, path }) => `${version} (${path})`).join(', ');
    throw new EnvironmentError(
      'PYTHON_UNSUPPORTED',
      `Synapse needs Python 3.10 or newer, and found ${[...new Set(list.split(', '))].join(', ')}.`,
      { hint: HINT },
    );
  }
  throw new EnvironmentError(
    'PYTHON_NOT_FOUND',
    chosen && !VERSION.test(chosen)
      ? `SYNAPSE_PYTHON is set to "${chosen}", which is not a Python that runs.`
      : `No Python found on PATH (looked for ${NAMES.slice(0, 2).join(', ')} and python3.${NEWEST_MINOR} to python3.${OLDEST_MINOR}).`,
    { hint: HINT },
  );
}

/** Names worth trying for a request such as `3.12`, `python3.12` or a path; a range names none. */
function requestedNames(request: string): string[] {
  const version = VERSION.exec(request)?.[1];
  if (version !== undefined) return [`python${version}`];
  const isPath = isAbsolute(request) || HOME.test(request);
  return /[\s<>=~!,]/.test(request) && !isPath ? [] : [request];
}

/** A version leaves open where it is: the builder knows more places, and any Python starts it. */
function chosenNames(chosen: string): string[] {
  return VERSION.test(chosen) ? [...requestedNames(chosen), ...NAMES] : [chosen];
}

/** Every executable of this name, in the order of `PATH`; a path stands for itself. */
async function locate(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const candidates = /[\\/]/.test(name)
    ? [HOME.test(name) ? join(env.HOME ?? homedir(), name.slice(2)) : resolve(name)]
    : folders.map((folder) => join(folder, name + suffix));
  const checks = candidates.map((path) =>
    access(path, constants.X_OK).then(
      () => path,
      () => undefined,
    ),
  );
  return (await Promise.all(checks)).filter((path) => path !== undefined);
}

/** Ask a candidate who it is; undefined when it does not run (a shim of no version, a directory). */
async function probe(path: string): Promise<Interpreter | undefined> {
  try {
    const options = { timeout: PROBE_TIMEOUT_MS, windowsHide: true };
    const { stdout } = await promisify(execFile)(path, ['-I', '-S', '-c', PROBE], options);
    const [version, executable] = stdout.split(/\r?\n/);
    return version && executable ? { version, path: executable } : undefined;
  } catch {
    return undefined;
  }
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 3 && minor >= OLDEST_MINOR;
}

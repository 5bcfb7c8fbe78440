/**
 * Finds a Python that can run the environment builder. Which Python a module itself gets is the
 * builder's decision; this one only has to start it.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EnvironmentError } from './errors.js';
import { installationHint } from './install-python.js';
import { chosenPlace, type Machine, OLDEST_MINOR, type Place, placesOf } from './python-places.js';

/** A Python that runs and is new enough. */
export interface Interpreter {
  /** Its own `sys.executable`: never a shim, which would cost 0.1 s each start. */
  readonly path: string;
  /** As in `3.11.7`. */
  readonly version: string;
}

/** Something that was tried in vain; a row of the error's table. */
interface Rejected {
  readonly path: string;
  readonly origin: string;
  readonly version: string | undefined;
  readonly reason: string;
}

const PROBE_TIMEOUT_MS = 15_000;
const PROBE = 'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)';
const TOO_OLD = 'too old: Synapse needs 3.10 or newer';

const CHOOSE_AGAIN =
  'Set SYNAPSE_PYTHON to a Python 3.10 or newer, or unset it: then all Pythons of this machine are looked at. ' +
  'Install Python 3.10 or newer only where there is none.';

const found = new Map<string, Promise<Interpreter>>();

/**
 * Find a Python ≥ 3.10: the one asked for, `$SYNAPSE_PYTHON`, the usual names on `PATH`, then what pyenv,
 * uv and other installers keep elsewhere. The answer is kept for the life of the process; failures
 * are not.
 *
 * @throws EnvironmentError `PYTHON_NOT_FOUND`, or `PYTHON_UNSUPPORTED` when all that was found is too old;
 * its lines are the table of what was looked at.
 */
export function findInterpreter(
  request?: string,
  env = process.env,
  platform = process.platform,
  root = '/',
): Promise<Interpreter> {
  const names = ['SYNAPSE_PYTHON', 'PATH', 'HOME', 'PYENV_ROOT', 'UV_PYTHON_INSTALL_DIR'];
  const key = JSON.stringify([request, platform, root, ...names.map((name) => env[name])]);
  let search = found.get(key);
  if (search === undefined) {
    search = searchInterpreter(request, { env, platform, root });
    found.set(key, search);
    search.catch(() => found.delete(key));
  }
  return search;
}

/**
 * Do something with a Python that {@link findInterpreter} finds; where the one it knows has gone since
 * (an upgrade replaced it), with the one that is there now.
 */
export async function withInterpreter<T>(
  request: string | undefined,
  use: (interpreter: Interpreter) => Promise<T>,
): Promise<T> {
  const interpreter = await findInterpreter(request);
  try {
    return await use(interpreter);
  } catch (error) {
    const isThere = await access(interpreter.path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) throw error;
  }
  found.clear();
  return await use(await findInterpreter(request));
}

async function searchInterpreter(
  request: string | undefined,
  machine: Machine,
): Promise<Interpreter> {
  const rejected: Rejected[] = [];
  for await (const place of placesOf(request, machine)) {
    const answer = await probe(place);
    if (!('reason' in answer)) return answer;
    rejected.push(answer);
  }
  throw failure(rejected, chosenPlace(machine.env));
}

function failure(rejected: readonly Rejected[], chosen: string | undefined): EnvironmentError {
  const lines = table(rejected);
  const hint = (isTooOld: boolean): string => (chosen ? CHOOSE_AGAIN : installationHint(isTooOld));
  const tooOld = rejected.filter(({ reason }) => reason === TOO_OLD);
  if (tooOld.length > 0) {
    const list = new Set(tooOld.map(({ version, path }) => `${version} (${path})`));
    return new EnvironmentError(
      'PYTHON_UNSUPPORTED',
      `Synapse needs Python 3.10 or newer, and found ${[...list].join(', ')}.`,
      { hint: hint(true), lines },
    );
  }
  return new EnvironmentError(
    'PYTHON_NOT_FOUND',
    chosen
      ? `SYNAPSE_PYTHON is set to "${chosen}", which is not a Python that runs.`
      : 'No Python found: neither on PATH (looked for python3, python and python3.14 to python3.10) ' +
          'nor among those of pyenv and uv.',
    { hint: hint(false), lines },
  );
}

/** The rows in aligned columns, as the builder shows its own. */
function table(rejected: readonly Rejected[]): string[] {
  const rows = rejected.map(({ path, origin, version = '-', reason }) => [
    ...[path, origin, version, reason],
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
}

/** Ask a candidate who it is; many do not run (a shim of no version, a directory). */
async function probe({ path, args, origin }: Place): Promise<Interpreter | Rejected> {
  try {
    const options = { timeout: PROBE_TIMEOUT_MS, windowsHide: true };
    const { stdout } = await promisify(execFile)(path, [...args, '-I', '-S', '-c', PROBE], options);
    const [version, executable] = stdout.split(/\r?\n/);
    if (!version || !executable) {
      return { path, origin, version: undefined, reason: 'does not answer as Python does' };
    }
    if (isSupported(version)) return { version, path: executable };
    return { path: executable, origin, version, reason: TOO_OLD };
  } catch (error) {
    return { path, origin, version: undefined, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: string };
  if (code === 'ENOENT') return 'not found';
  if (killed) return `gave no answer within ${PROBE_TIMEOUT_MS / 1000} s`;
  const said = stderr?.trim().split(/\r?\n/)[0]?.slice(0, 80) || String(code);
  return `does not run as Python 3 (${said})`;
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 3 && minor >= OLDEST_MINOR;
}

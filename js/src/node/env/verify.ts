/**
 * Decides whether a built environment is still the right one, without a subprocess and without blocking
 * the event loop: a handful of small asynchronous file reads.
 */
import { createHash } from 'node:crypto';
import { access, constants, readFile, readlink, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EnvironmentMarker, MarkerInput } from './marker.js';

/** A request for a version, as the builder reads it. */
const VERSION = /^(?:python)?(\d+(?:\.\d+){0,2})$/;

/** What the environment has to match to be used as it is. */
export interface Expectation {
  /** Real path of the module directory. */
  readonly directory: string;
  /** sha256 of the wheel this package carries. */
  readonly runtimeSha256: string;
  /** The `python` option in force, or null. */
  readonly pythonRequest: string | null;
  readonly dialect: 'native' | 'raw' | 'auto';
  /** Whether the module asks for an environment that it shares with others. */
  readonly share?: boolean | undefined;
}

/**
 * Say why the environment must be built or updated; undefined when it is ready.
 * The reason is for people (logs, tests), the builder finds its own.
 */
export async function staleReason(
  marker: EnvironmentMarker,
  expected: Expectation,
): Promise<string | undefined> {
  if (marker.state !== 'ready') return 'its build was not completed';
  const carried = marker.relocatable === true;
  if (marker.directory !== expected.directory && !carried) return 'the module was moved';
  const shares = marker.shared !== undefined;
  if (shares !== (expected.share ?? false) && marker.owned && !carried)
    return 'sharing was switched';
  if (marker.runtime.sha256 !== expected.runtimeSha256)
    return 'another release of Synapse built it';
  if (!isForRequest(marker, expected.pythonRequest)) return 'another Python was asked for';
  if (marker.codec === null && expected.dialect !== 'raw') return 'it has no codec';
  const checks = [
    ...marker.inputs.map((input) => changedInput(expected.directory, input)),
    carried ? unboundInterpreter(marker) : changedInterpreter(marker),
    missing(marker.launch.python),
    missing(marker.launch.script),
  ];
  return (await Promise.all(checks)).find((reason) => reason !== undefined);
}

/**
 * Whether an environment is the one for a request: built for it, or carried here and of its version. What
 * else a carried one can meet (a range, a path) the builder finds out once, and writes down.
 */
function isForRequest(marker: EnvironmentMarker, request: string | null): boolean {
  if (marker.python_request === request) return true;
  if (marker.relocatable !== true) return false;
  const version = VERSION.exec(request?.trim() ?? '')?.[1];
  if (version === undefined) return !request?.trim();
  return `${marker.interpreter.version}.`.startsWith(`${version}.`);
}

/** What is no plain file, or cannot be read, counts as absent: so the builder recorded it. */
async function changedInput(directory: string, input: MarkerInput): Promise<string | undefined> {
  const path = join(directory, input.path);
  try {
    const found = await stat(path);
    if ('absent' in input) {
      if (!found.isFile()) return undefined;
      await access(path, constants.R_OK);
      return `${input.path} has appeared`;
    }
    if (!found.isFile() || found.size !== input.size) return `${input.path} has changed`;
    const digest = createHash('sha256').update(await readFile(path));
    return digest.digest('hex') === input.sha256 ? undefined : `${input.path} has changed`;
  } catch {
    return 'absent' in input ? undefined : `${input.path} is gone`;
  }
}

async function changedInterpreter(marker: EnvironmentMarker): Promise<string | undefined> {
  const { base, base_size: size, base_mtime_ns: mtime } = marker.interpreter;
  try {
    const now = await stat(base, { bigint: true });
    // JSON.parse rounded the nanoseconds to a double; round the file's the same way.
    const same = Number(now.size) === size && Number(now.mtimeNs) === mtime;
    return same ? undefined : `${base} was replaced`;
  } catch {
    return `${base} is gone`;
  }
}

/** Why a carried environment does not run here yet: it leads elsewhere, or what it needs is not there. */
async function unboundInterpreter(marker: EnvironmentMarker): Promise<string | undefined> {
  const { path, base, loader } = marker.interpreter;
  const leadsTo = await readlink(path).catch(() => undefined);
  if (leadsTo !== base) return `${path} is not bound to ${base}`;
  // Without it the interpreter finds no package.
  const configuration = join(dirname(dirname(path)), 'pyvenv.cfg');
  const text = await readFile(configuration, 'utf8').catch(() => '');
  if (!text.startsWith(`home = ${dirname(base)}\n`)) return `${configuration} is damaged`;
  return (await missing(base)) ?? (loader === undefined ? undefined : missing(loader));
}

async function missing(path: string): Promise<string | undefined> {
  try {
    await access(path);
    return undefined;
  } catch {
    return `${path} is gone`;
  }
}

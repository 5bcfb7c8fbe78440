/**
 * Decides whether a built environment is still the right one, without a subprocess: a handful of small files
 * are read, and in one go. Asynchronously that takes the event loop longer, and a first worker starts 3 ms later.
 */
import * as crypto from 'node:crypto';
import { accessSync, constants, readFileSync, readlinkSync, statSync } from 'node:fs';
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
export function staleReason(marker: EnvironmentMarker, expected: Expectation): string | undefined {
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
  for (const input of marker.inputs) {
    const reason = changedInput(expected.directory, input);
    if (reason !== undefined) return reason;
  }
  return (
    (carried ? unboundInterpreter(marker) : changedInterpreter(marker)) ??
    missing(marker.launch.python) ??
    missing(marker.launch.script)
  );
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
function changedInput(directory: string, input: MarkerInput): string | undefined {
  const path = join(directory, input.path);
  try {
    const found = statSync(path);
    if ('absent' in input) {
      if (!found.isFile()) return undefined;
      accessSync(path, constants.R_OK);
      return `${input.path} has appeared`;
    }
    if (!found.isFile() || found.size !== input.size) return `${input.path} has changed`;
    return sha256(readFileSync(path)) === input.sha256 ? undefined : `${input.path} has changed`;
  } catch {
    return 'absent' in input ? undefined : `${input.path} is gone`;
  }
}

/** In one go where Node can, from 20.12 on: the first hash that is made as a stream takes 0.2 ms longer. */
function sha256(bytes: Uint8Array): string {
  return crypto.hash?.('sha256', bytes) ?? crypto.createHash('sha256').update(bytes).digest('hex');
}

function changedInterpreter(marker: EnvironmentMarker): string | undefined {
  const { base, base_size: size, base_mtime_ns: mtime } = marker.interpreter;
  try {
    const now = statSync(base, { bigint: true });
    // JSON.parse rounded the nanoseconds to a double; round the file's the same way.
    const same = Number(now.size) === size && Number(now.mtimeNs) === mtime;
    return same ? undefined : `${base} was replaced`;
  } catch {
    return `${base} is gone`;
  }
}

/** Why a carried environment does not run here yet: it leads elsewhere, or what it needs is not there. */
function unboundInterpreter(marker: EnvironmentMarker): string | undefined {
  const { path, base, loader } = marker.interpreter;
  if (linkOf(path) !== base) return `${path} is not bound to ${base}`;
  // Without it the interpreter finds no package.
  const configuration = join(dirname(dirname(path)), 'pyvenv.cfg');
  if (!textOf(configuration).startsWith(`home = ${dirname(base)}\n`))
    return `${configuration} is damaged`;
  return missing(base) ?? (loader === undefined ? undefined : missing(loader));
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function missing(path: string): string | undefined {
  try {
    accessSync(path);
    return undefined;
  } catch {
    return `${path} is gone`;
  }
}

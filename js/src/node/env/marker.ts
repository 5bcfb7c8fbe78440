/**
 * The environment marker, `<directory>/.venv/synapse.json`: what the Python builder says it built.
 * Node only verifies it, so the fingerprint has one definition; a marker that is missing, damaged or
 * of another format counts as "not ready", and the builder decides what to do.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The one marker format this release reads. */
const MARKER_FORMAT = 1;

/** A file the environment was built from, or one whose absence mattered. */
export type MarkerInput =
  | { readonly path: string; readonly size: number; readonly sha256: string }
  | { readonly path: string; readonly absent: true };

/** Contents of a marker whose build was completed. */
export interface EnvironmentMarker {
  readonly format: 1;
  readonly state: 'building' | 'ready';
  /** False for a `.venv` that the user made: it is added to, never deleted. */
  readonly owned: boolean;
  /** Real path of the module directory when it was built. */
  readonly directory: string;
  readonly runtime: { readonly version: string; readonly sha256: string };
  readonly inputs: readonly MarkerInput[];
  readonly python_request: string | null;
  readonly interpreter: {
    readonly path: string;
    readonly version: string;
    readonly base: string;
    readonly base_size: number;
    readonly base_mtime_ns: number;
    /** Of a relocatable environment: the loader its binaries need, which tells platform and libc. */
    readonly loader?: string;
  };
  readonly launch: { readonly python: string; readonly script: string };
  readonly codec: {
    readonly name: string;
    readonly version: string;
    readonly private: boolean;
  } | null;
  readonly backend: 'uv' | 'virtualenv';
  readonly built_at: string;
  /** The home in the cache whose environment this module shares; `.venv` then holds only the marker. */
  readonly shared?: string;
  /** Made to be carried elsewhere: in the file, paths are relative to the module's folder. */
  readonly relocatable?: boolean;
}

/** Where the marker lies in the folder that holds an environment. */
export function markerPath(home: string): string {
  return join(home, '.venv', 'synapse.json');
}

/**
 * Read a module's marker; undefined when there is none that can be read.
 *
 * @param home the folder that holds `.venv`, where that is not the module's own
 */
export function readMarker(directory: string, home = directory): EnvironmentMarker | undefined {
  try {
    const marker = parseMarker(JSON.parse(readFileSync(markerPath(home), 'utf8')));
    return marker && located(marker, directory);
  } catch {
    return undefined;
  }
}

/** The marker with the paths it has for a module that stands in `directory`. */
export function located(marker: EnvironmentMarker, directory: string): EnvironmentMarker {
  if (marker.relocatable !== true) return marker;
  const { interpreter, launch } = marker;
  return {
    ...marker,
    interpreter: { ...interpreter, path: resolve(directory, interpreter.path) },
    launch: {
      python: resolve(directory, launch.python),
      script: resolve(directory, launch.script),
    },
  };
}

/** Narrow a parsed marker; undefined when it is not a marker of our format. */
export function parseMarker(value: unknown): EnvironmentMarker | undefined {
  const shaped =
    isRecord(value) &&
    value.format === MARKER_FORMAT &&
    typeof value.state === 'string' &&
    typeof value.directory === 'string' &&
    Array.isArray(value.inputs) &&
    value.inputs.every((input) => isRecord(input) && typeof input.path === 'string') &&
    hasStrings(value.runtime, 'version', 'sha256') &&
    hasStrings(value.interpreter, 'path', 'version', 'base') &&
    hasStrings(value.launch, 'python', 'script') &&
    (value.codec === null || hasStrings(value.codec, 'name', 'version'));
  return shaped ? (value as unknown as EnvironmentMarker) : undefined;
}

function hasStrings(value: unknown, ...names: string[]): boolean {
  return isRecord(value) && names.every((name) => typeof value[name] === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

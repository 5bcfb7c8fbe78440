/**
 * The environment marker, `<directory>/.venv/synapse.json`: what the Python builder says it built.
 * Node only verifies it, so the fingerprint has one definition; a marker that is missing, damaged or
 * of another format counts as "not ready", and the builder decides what to do.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

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
  };
  readonly launch: { readonly python: string; readonly script: string };
  readonly codec: {
    readonly name: string;
    readonly version: string;
    readonly private: boolean;
  } | null;
  readonly backend: 'uv' | 'virtualenv';
  readonly built_at: string;
}

/** Where the marker of a module directory lies. */
export function markerPath(directory: string): string {
  return join(directory, '.venv', 'synapse.json');
}

/** Read the marker of a module directory; undefined when there is none that can be read. */
export async function readMarker(directory: string): Promise<EnvironmentMarker | undefined> {
  try {
    return parseMarker(JSON.parse(await readFile(markerPath(directory), 'utf8')));
  } catch {
    return undefined;
  }
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

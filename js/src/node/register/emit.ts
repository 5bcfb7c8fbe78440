/**
 * From a Python file to the JavaScript that stands for it. Hooks may have to answer at once, so this
 * is synchronous; what takes time (building the environment, asking the module for its schema) runs
 * in a process of its own, `emit-command.ts`, and only when something has changed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynapseError } from '../../core/protocol/errors.js';
import { packageRoot } from '../env/package-root.js';
import { cacheFolder, runtimeFolder } from '../env/runtime.js';
import { EmittedCache } from './emitted-cache.js';
import { fingerprint } from './fingerprint.js';
import type { EmitFailure } from './python-failure.js';

const COMMAND = join('dist', 'esm', 'node', 'register', 'emit-command.js');
/** A module with thousands of functions stays far below. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** What `emit-command.ts` prints: one line of JSON. */
export type EmitAnswer = { readonly javascript: string } | { readonly error: EmitFailure };

/**
 * Returns the JavaScript of a Python file.
 *
 * @param path real path of the file; it is the entrypoint, its folder the module
 * @throws {SynapseError} no environment could be built, or the file has no module in it; the message
 *   names file and line where Python did
 */
export function emit(path: string): string {
  const cache = new EmittedCache(join(cacheFolder(), 'register'));
  const kept = cache.get(fingerprint(path, runtimeIdentity()));
  if (kept !== undefined) return kept;
  const javascript = emitAnew(path);
  // Only now: the environment may have been built meanwhile, and its marker is part of the key.
  cache.set(fingerprint(path, runtimeIdentity()), javascript);
  return javascript;
}

function emitAnew(path: string): string {
  const { stdout, status, signal, error } = spawnSync(
    process.execPath,
    [join(packageRoot, COMMAND), path],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: MAX_OUTPUT_BYTES,
      // What this process was told to preload is for its own program.
      env: { ...process.env, NODE_OPTIONS: undefined },
    },
  );
  const answer = error === undefined ? parseAnswer(stdout) : undefined;
  if (answer === undefined) {
    const end = error?.message ?? signal ?? `exit code ${status}`;
    throw new SynapseError('INTERNAL', `Emitting JavaScript for ${path} ended with ${end}.`);
  }
  if ('javascript' in answer) return answer.javascript;
  throw failed(path, answer.error);
}

function failed(path: string, { code, message, details }: EmitFailure): SynapseError {
  const error = new SynapseError(code, message, { details });
  // The frames of the loader say nothing to whoever imports: what is to be mended is the Python.
  error.stack = `${error.name} [${code}]: ${message}\n    at ${path}`;
  return error;
}

function parseAnswer(text: string): EmitAnswer | undefined {
  try {
    return JSON.parse(text) as EmitAnswer;
  } catch {
    return undefined;
  }
}

/** The manifest names our wheel by its hash: that identifies the generator. */
function runtimeIdentity(): string {
  try {
    return readFileSync(join(runtimeFolder(), 'manifest.json'), 'utf8');
  } catch {
    return 'none'; // the command will say what is wrong with it
  }
}

/**
 * Makes sure that a module directory has a Python environment that is built and current. Ready ones cost
 * a few file reads; everything else is handed to the Python builder. This room exists in Node only as a
 * front: the builder itself is `synapse_worker/env`.
 */
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { CallCancelledError } from '../../core/errors.js';
import { runBuilder } from './builder.js';
import { cachedHomeIfAny, carriedRuntime } from './carried.js';
import type { EnvironmentEvent } from './events.js';
import { cachedHome, isWritable } from './homes.js';
import { withInterpreter } from './interpreter.js';
import { type EnvironmentMarker, readMarker } from './marker.js';
import { createProgress } from './progress.js';
import { readManifest, unpackRuntime } from './runtime.js';
import { SharedBuild } from './shared-build.js';
import { staleReason } from './verify.js';

/** How an environment is wanted. */
export interface EnvironmentOptions {
  /** A version (`3.12`), a range (`>=3.11,<3.13`), a command, a path, `active` or `conda:NAME`; default: the builder chooses. */
  readonly python?: string | undefined;
  /** What installs packages; `auto` takes uv where it is found. */
  readonly backend?: 'auto' | 'uv' | 'virtualenv' | undefined;
  /** A raw module may do without the codec. */
  readonly dialect: 'native' | 'raw' | 'auto';
  /** Whether it is to be shared with modules that need the very same; default: the module's own. */
  readonly share?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: EnvironmentEvent) => void) | undefined;
  /** `auto`: a bar in a terminal, lines in CI, else nothing. */
  readonly progress?: 'auto' | 'silent' | undefined;
}

/** How to start a worker in the environment. */
export interface LaunchSpec {
  /** The environment's interpreter. */
  readonly python: string;
  /** The worker's start script inside the environment. */
  readonly script: string;
  readonly marker: EnvironmentMarker;
}

const builds = new Map<string, SharedBuild<EnvironmentMarker>>();

/**
 * Return how to start a worker of the module, building its environment first where needed. Concurrent
 * calls for one directory share one build.
 *
 * @throws EnvironmentError when there is no such environment to be had, with what to do about it;
 * CallCancelledError when the signal was aborted.
 */
export async function ensureEnvironment(
  directory: string,
  options: EnvironmentOptions,
): Promise<LaunchSpec> {
  const { signal } = options;
  try {
    signal?.throwIfAborted();
    const real = realpathSync.native(directory);
    const beside = readMarker(real);
    const marker =
      (await readyMarker(real, beside, options)) ?? (await build(real, beside, options));
    return { ...marker.launch, marker };
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
    throw new CallCancelledError(`Building the environment of "${directory}"`, signal.reason);
  }
}

/** The marker of the environment that is ready: beside the module, or in the cache where nothing can be changed there. */
async function readyMarker(
  directory: string,
  marker: EnvironmentMarker | undefined,
  options: EnvironmentOptions,
): Promise<EnvironmentMarker | undefined> {
  if (marker !== undefined && isReady(marker, directory, options)) return marker;
  const isCarried = marker?.relocatable === true;
  if (!isCarried && (await isWritable(directory))) return undefined;
  // A carried environment can be settled where it stands, by a user who has no home as well.
  const home = isCarried ? cachedHomeIfAny(directory) : cachedHome(directory);
  if (home === undefined) return undefined;
  const cached = readMarker(directory, home);
  const ready = cached !== undefined && isReady(cached, directory, options);
  return ready ? cached : undefined;
}

function isReady(
  marker: EnvironmentMarker,
  directory: string,
  { python, dialect, share }: EnvironmentOptions,
): boolean {
  const { wheel } = readManifest();
  const expected = {
    directory,
    runtimeSha256: wheel.sha256,
    pythonRequest: python ?? null,
    ...{ dialect, share },
  };
  return staleReason(marker, expected) === undefined;
}

function build(
  directory: string,
  beside: EnvironmentMarker | undefined,
  options: EnvironmentOptions,
): Promise<EnvironmentMarker> {
  const { python, backend = 'auto', dialect, share, progress = 'auto' } = options;
  const key = JSON.stringify([directory, python, backend, dialect, share]);
  let shared = builds.get(key);
  if (shared === undefined || shared.isCancelled) {
    const started = new SharedBuild<EnvironmentMarker>(async (signal, onEvent) => {
      const display = progress === 'auto' ? createProgress(basename(directory)) : undefined;
      let succeeded = false;
      try {
        const marker = await withInterpreter(python, async (interpreter) => {
          const unpacked = (await carriedRuntime(beside)) ?? (await unpackRuntime(interpreter));
          return await runBuilder({
            ...{ directory, interpreter, unpacked, python, backend, dialect, share, signal },
            onEvent(event) {
              display?.show(event);
              onEvent(event);
            },
          });
        });
        succeeded = true;
        return marker;
      } finally {
        display?.finish(succeeded);
      }
    });
    builds.set(key, started);
    started.onEnd(() => {
      if (builds.get(key) === started) builds.delete(key);
    });
    shared = started;
  }
  return shared.join(options);
}

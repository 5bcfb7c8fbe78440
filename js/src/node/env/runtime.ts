/**
 * The runtime folder that this package carries (`python/`: our wheel, pip's wheel, locks, manifest) and
 * the copy of our wheel unpacked in the user's cache, from which the Python side is run.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError } from './errors.js';
import type { Interpreter } from './interpreter.js';
import { isInstalled, packageRoot } from './package-root.js';
import { isWhole } from './unpacked.js';

/** The part of `manifest.json` that Node needs. */
export interface RuntimeManifest {
  readonly version: string;
  readonly wheel: { readonly file: string; readonly sha256: string };
}

/** Enough digits of a sha256 to name a folder. */
const NAME_DIGITS = 16;

const REINSTALL = 'Install synapse-worker again; in a checkout of its sources, run `make runtime`.';
const CHOOSE_AGAIN =
  'Unset SYNAPSE_RUNTIME_DIR, or set it to the folder python/ of an installed synapse-worker; in a checkout of its ' +
  'sources, run `make runtime`.';
const BUNDLED =
  'synapse-worker was bundled, and is not installed near the bundle or the working directory. Install it there, mark it ' +
  'external (esbuild: --external:synapse-worker), or name a copy of its folder python/ with SYNAPSE_RUNTIME_DIR.';

/** Unpacks a wheel; the rename makes it appear whole or not at all, whoever comes first. */
const UNPACK = `
import hashlib, io, os, shutil, sys, tempfile, zipfile
wheel, digest, target = sys.argv[1:]
with open(wheel, "rb") as file:
    data = file.read()
if hashlib.sha256(data).hexdigest() != digest:
    sys.exit(f"{wheel} is damaged")
os.makedirs(os.path.dirname(target), exist_ok=True)
stage = tempfile.mkdtemp(prefix=".unpacking-", dir=os.path.dirname(target))
try:
    whole, torn = os.path.join(stage, "whole"), os.path.join(stage, "torn")
    archive = zipfile.ZipFile(io.BytesIO(data))
    archive.extractall(whole)
    def is_complete():
        try:
            return all(
                os.path.getsize(os.path.join(target, entry.filename)) == entry.file_size
                for entry in archive.infolist() if not entry.is_dir()
            )
        except OSError:
            return False
    if not is_complete():
        try:
            os.rename(target, torn)
        except FileNotFoundError:
            pass
    try:
        os.rename(whole, target)
    except OSError:
        if not is_complete():
            raise
finally:
    shutil.rmtree(stage, ignore_errors=True)
`;

/** Folder of the wheels, locks and manifest: `$SYNAPSE_RUNTIME_DIR`, or this package's own. */
export function runtimeFolder(): string {
  return process.env.SYNAPSE_RUNTIME_DIR || join(packageRoot, 'python');
}

/** Folder for what is worth keeping between runs: an absolute path, since tools run in other folders. */
export function cacheFolder(env = process.env): string {
  if (env.SYNAPSE_CACHE_DIR) return resolve(env.SYNAPSE_CACHE_DIR);
  return resolve(env.XDG_CACHE_HOME || join(userHome(), '.cache'), 'synapse-worker');
}

function userHome(): string {
  try {
    return homedir();
  } catch (cause) {
    // No $HOME, and a user id that no account has: a container that runs as anybody.
    throw new EnvironmentError(
      'ENVIRONMENT_UNWRITABLE',
      'This user has no home folder to keep a cache in.',
      { hint: 'Set SYNAPSE_CACHE_DIR to a folder that can be written.', cause },
    );
  }
}

const manifests = new Map<string, RuntimeManifest>();

/** Read the manifest of the runtime folder, once a process. */
export function readManifest(): RuntimeManifest {
  const folder = runtimeFolder();
  let manifest = manifests.get(folder);
  if (manifest === undefined) {
    manifest = loadManifest(folder);
    manifests.set(folder, manifest);
  }
  return manifest;
}

function loadManifest(folder: string): RuntimeManifest {
  try {
    return JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as RuntimeManifest;
  } catch (cause) {
    const isChosen = Boolean(process.env.SYNAPSE_RUNTIME_DIR);
    const place = isChosen ? `${folder} (SYNAPSE_RUNTIME_DIR)` : folder;
    throw new EnvironmentError('BUILD_FAILED', `The Python runtime is missing from ${place}.`, {
      hint: isChosen ? CHOOSE_AGAIN : isInstalled ? REINSTALL : BUNDLED,
      cause,
    });
  }
}

/**
 * Make sure our Python sources lie unpacked in the cache, and return their folder.
 *
 * @throws EnvironmentError `ENVIRONMENT_UNWRITABLE` when the cache cannot be written.
 */
export async function unpackRuntime(interpreter: Interpreter): Promise<string> {
  const { wheel } = readManifest();
  const target = join(cacheFolder(), 'runtime', wheel.sha256.slice(0, NAME_DIGITS));
  if (await isWhole(target, wheel.file)) return target;
  const args = ['-I', '-c', UNPACK, join(runtimeFolder(), wheel.file), wheel.sha256, target];
  try {
    await promisify(execFile)(interpreter.path, args, { windowsHide: true });
  } catch (cause) {
    const stderr = String((cause as { stderr?: unknown }).stderr ?? '');
    throw new EnvironmentError(
      'ENVIRONMENT_UNWRITABLE',
      `Cannot unpack the Python runtime to ${target}.`,
      {
        lines: stderr.trimEnd().split('\n').slice(-3),
        hint: 'Set SYNAPSE_CACHE_DIR to a folder that can be written.',
        cause,
      },
    );
  }
  return target;
}

/**
 * Arguments that run the `synapse` command line of the unpacked runtime. Isolated mode keeps the
 * user's PYTHON* variables and the current folder (a stray `json.py`) out of it.
 */
export function commandLine(unpacked: string, args: readonly string[]): string[] {
  const start =
    'import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); ' +
    "runpy.run_module('synapse_worker', run_name='__main__', alter_sys=True)";
  return ['-I', '-X', 'utf8', '-c', start, unpacked, ...args];
}

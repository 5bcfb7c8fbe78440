/**
 * Where a module's environment may stand besides its own folder: in the user's cache, for a folder that
 * this user cannot write. The same rules as in `synapse_worker/env/homes.py`.
 */
import { createHash } from 'node:crypto';
import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './runtime.js';

/** Enough digits of a sha256 to name a folder. */
const NAME_DIGITS = 16;

/** The home in the cache of the module whose real path is `directory`. */
export function cachedHome(directory: string): string {
  const digest = createHash('sha256').update(directory).digest('hex');
  return join(cacheFolder(), 'environments', digest.slice(0, NAME_DIGITS));
}

/**
 * Whether an environment can be made, or changed, beside the module. The kernel is asked, not the mode:
 * it knows of read-only mounts, immutable folders and servers.
 */
export async function isWritable(directory: string): Promise<boolean> {
  const venv = join(directory, '.venv');
  return (await mayWrite(directory)) && ((await mayWrite(venv)) || !(await isFolder(venv)));
}

function mayWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

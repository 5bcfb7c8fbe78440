/**
 * Where a module's environment may stand besides its own folder: in the user's cache, for a folder that
 * this user cannot write. The same rules as in `synapse_worker/env/homes.py`.
 */
import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './runtime.js';

/** Enough digits of a sha256 to name a folder. */
const NAME_DIGITS = 16;

/** The home in the cache of the module whose real path is `directory`. */
export function cachedHome(directory: string): string {
  const digest = createHash('sha256').update(directory).digest('hex');
  return join(cacheFolder(), 'environments', digest.slice(0, NAME_DIGITS));
}

/** Whether an environment can be made, or changed, beside the module. */
export async function isWritable(directory: string): Promise<boolean> {
  const [folder, venv] = await Promise.all([
    mayWrite(directory),
    mayWrite(join(directory, '.venv')),
  ]);
  return folder === true && venv !== false;
}

/** Whether this user may write a folder; undefined when there is none. */
async function mayWrite(path: string): Promise<boolean | undefined> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : false;
  }
}

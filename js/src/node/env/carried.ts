/**
 * What a carried environment (a bundle's) needs of Node where it is settled on its first start: as little as
 * can be, for it may have to start where there is no home and nothing can be written.
 */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cachedHome } from './homes.js';
import type { EnvironmentMarker } from './marker.js';
import { readManifest } from './runtime.js';

/** The module's home in the cache; undefined for a user who has no cache. */
export function cachedHomeIfAny(directory: string): string | undefined {
  try {
    return cachedHome(directory);
  } catch {
    return undefined;
  }
}

/**
 * The folder with our Python sources that a carried environment holds, if they are those of this package:
 * then nothing has to be unpacked to run the builder.
 */
export async function carriedRuntime(
  marker: EnvironmentMarker | undefined,
): Promise<string | undefined> {
  if (marker?.relocatable !== true) return undefined;
  const { wheel } = readManifest();
  if (marker.runtime.sha256 !== wheel.sha256) return undefined;
  const folder = dirname(dirname(dirname(marker.launch.script)));
  return access(join(folder, 'synapse_worker', '__main__.py')).then(
    () => folder,
    () => undefined,
  );
}

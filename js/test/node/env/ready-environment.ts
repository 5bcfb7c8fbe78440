/** An environment that is ready, as the builder leaves one; tests then change what they are about. */
import { createHash } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentMarker } from '../../../src/node/env/marker.js';

const REQUIREMENTS = 'numpy==2.0.0\n';

/**
 * Write a module, its environment and the base interpreter of that; return the marker.
 *
 * @param home the folder that holds `.venv`, where that is not the module's own
 */
export async function placeEnvironment(
  directory: string,
  base: string,
  home = directory,
  changes: Partial<EnvironmentMarker> = {},
): Promise<EnvironmentMarker> {
  const venv = join(home, '.venv');
  const python = join(venv, 'bin/python');
  const script = join(venv, 'launch.py');
  await mkdir(directory, { recursive: true });
  await mkdir(join(venv, 'bin'), { recursive: true });
  await writeFile(join(directory, 'requirements.txt'), REQUIREMENTS);
  for (const path of [base, python, script]) await writeFile(path, 'x');
  const { size, mtimeNs } = await stat(base, { bigint: true });
  const sha256 = createHash('sha256').update(REQUIREMENTS).digest('hex');
  const marker: EnvironmentMarker = {
    format: 1,
    state: 'ready',
    owned: true,
    directory,
    runtime: { version: '0.1.0', sha256: 'ours' },
    inputs: [
      { path: 'requirements.txt', size: REQUIREMENTS.length, sha256 },
      { path: 'pyproject.toml', absent: true },
    ],
    python_request: null,
    interpreter: {
      path: python,
      version: '3.11.7',
      base,
      base_size: Number(size),
      // As it comes out of JSON.parse: nanoseconds rounded to a double.
      base_mtime_ns: Number(mtimeNs),
    },
    launch: { python, script },
    codec: { name: 'msgspec', version: '0.22.0', private: true },
    backend: 'uv',
    built_at: '2026-01-01T00:00:00+00:00',
    ...changes,
  };
  await writeFile(join(venv, 'synapse.json'), JSON.stringify(marker));
  return marker;
}

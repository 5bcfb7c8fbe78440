// Whether an environment is ready, as the shared vectors have it: what the builder calls ready is started.
import { readFileSync } from 'node:fs';
import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readMarker } from '../../../src/node/env/marker.js';
import { type Expectation, staleReason } from '../../../src/node/env/verify.js';
import { temporaryFolder } from './temporary.js';

type Fields = Readonly<Record<string, unknown>>;
/** Name → content; `name/` is a folder, `-> target` a link, and null removes what is there. */
type Files = Readonly<Record<string, string | null>>;

interface Asked {
  readonly runtime: string;
  readonly python: string | null;
  readonly dialect: Expectation['dialect'];
  readonly share: boolean;
}

interface Case {
  readonly title: string;
  readonly carried?: true;
  readonly marker?: Fields;
  readonly change?: Files;
  readonly expected?: Partial<Asked>;
  readonly findings: readonly string[];
}

interface Vectors {
  readonly files: Files;
  readonly base_mtime_s: number;
  readonly marker: Fields;
  /** What a carried environment's marker has otherwise. */
  readonly carried: Fields;
  readonly expected: Asked;
  readonly cases: readonly Case[];
}

const VECTORS: Vectors = JSON.parse(
  readFileSync(join(__dirname, '../../../../tests/vectors/markers.json'), 'utf8'),
);

async function change(module: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(module, name);
    await rm(path, { recursive: true, force: true });
    if (content === null) continue;
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (name.endsWith('/')) continue;
    const text = content.replace('{module}', module);
    if (text.startsWith('-> ')) await symlink(text.slice('-> '.length), path);
    else await writeFile(path, text);
  }
}

function markerOf({ carried, marker: changes = {} }: Case, module: string): string {
  const marker: Record<string, unknown> = { ...VECTORS.marker, ...(carried && VECTORS.carried) };
  for (const [name, value] of Object.entries(changes)) {
    const [outer = '', inner] = name.split('.');
    marker[outer] = inner === undefined ? value : { ...(marker[outer] as Fields), [inner]: value };
  }
  return JSON.stringify(marker).replaceAll('{module}', module);
}

test.each(VECTORS.cases)('both wings call it ready or not: $title', async (vector) => {
  const directory = await temporaryFolder();
  await change(directory, VECTORS.files);
  await utimes(join(directory, 'base'), VECTORS.base_mtime_s, VECTORS.base_mtime_s);
  await change(directory, { '.venv/synapse.json': markerOf(vector, directory) });
  await change(directory, vector.change ?? {});
  const asked = { ...VECTORS.expected, ...vector.expected };
  const marker = readMarker(directory);
  const reason = marker
    ? staleReason(marker, {
        directory,
        runtimeSha256: asked.runtime,
        pythonRequest: asked.python,
        dialect: asked.dialect,
        share: asked.share,
      })
    : 'there is no marker';
  expect(reason === undefined).toBe(vector.findings.length === 0);
});

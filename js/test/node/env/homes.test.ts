// The cache, and the homes in it, as the shared vectors have them: the builder makes what Node then finds.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { cachedHome } from '../../../src/node/env/homes.js';
import { cacheFolder } from '../../../src/node/env/runtime.js';

interface Vectors {
  readonly caches: { readonly variables: Record<string, string>; readonly folder: string }[];
  readonly homes: { readonly module: string; readonly home: string }[];
}

const VECTORS: Vectors = JSON.parse(
  readFileSync(join(__dirname, '../../../../tests/vectors/homes.json'), 'utf8'),
);
const { SYNAPSE_CACHE_DIR } = process.env;

afterEach(() => {
  delete process.env.SYNAPSE_CACHE_DIR;
  if (SYNAPSE_CACHE_DIR !== undefined) process.env.SYNAPSE_CACHE_DIR = SYNAPSE_CACHE_DIR;
});

test.each(VECTORS.caches)('both wings keep one cache: $variables', ({ variables, folder }) => {
  const expected = folder.replace('{cwd}', process.cwd()).replace('{home}', homedir());
  expect(cacheFolder(variables)).toBe(expected);
});

test.each(VECTORS.homes)('both wings look for $module in one home', ({ module, home }) => {
  process.env.SYNAPSE_CACHE_DIR = '/c';
  expect(cachedHome(module)).toBe(home);
});
